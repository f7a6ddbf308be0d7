import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pass, type StoreRequest } from '../local/faulty-dynamodb.ts';
import { type FaultyStack, startFaultyStack } from '../local/faulty-stack.ts';
import type { LocalStackOptions } from '../local/stack.ts';
import type { DrillFault } from './faults.ts';

/** A terminal repeats its logout after so long, as `Retry-After` asks. */
const RETRY_MS = 1_000;
/** It is content once the fault has ended, or something is wrong with the service. */
const MAX_REQUESTS_AFTERWARDS = 10;
const REQUEST_TIMEOUT_MS = 30_000;

const TERMINALS = [
  { terminal_id: 'T-0412', terminal_type: 'handheld' },
  { terminal_id: 'T-0413', terminal_type: 'handheld' },
  { terminal_id: 'T-0401', terminal_type: 'till' },
  { terminal_id: 'K-1103', terminal_type: 'kiosk' },
] as const;

/** A terminal whose user has logged in. */
type Terminal = (typeof TERMINALS)[number] & { readonly id: string };

/** How a terminal's logout went. */
interface TerminalResult {
  readonly terminalId: string;
  readonly terminalType: string;
  /** Each answer in its order, such as `503 store_unavailable` or `200`. */
  readonly answers: readonly string[];
  /** Whether the table holds the logout in the end. */
  readonly isLoggedOut: boolean;
}

/** What came of a fault. */
export interface DrillResult {
  readonly terminals: readonly TerminalResult[];
  /** The lines that the function logged while it was broken, as CloudWatch gets them. */
  readonly lines: readonly string[];
}

/** The local stack with a proxy between function and table that makes the chosen fault. */
export class DrillSession {
  /** Resolves with a sentence if the stack cannot go on; never rejects. */
  readonly failed: Promise<string>;
  /** Ends everything that was started. */
  readonly close: () => Promise<void>;
  readonly #local: FaultyStack;
  readonly #state: State;

  private constructor(local: FaultyStack, state: State) {
    this.failed = local.stack.failed;
    this.close = local.close;
    this.#local = local;
    this.#state = state;
  }

  /**
   * Starts everything.
   *
   * @throws what `startLocalStack` throws, or that no connection can be logged out. Nothing is left running then.
   */
  static async start(options: LocalStackOptions = {}): Promise<DrillSession> {
    const state: State = { fault: undefined, attempts: new Map(), lines: [] };
    const local = await startFaultyStack(
      { ...options, onStdoutLine: (line) => void state.lines.push(line) },
      (request) => chooseFault(request, state),
    );
    const session = new DrillSession(local, state);
    // So that no fault meets a cold start.
    try {
      await session.#logInAndOut();
    } catch (error) {
      await local.close();
      throw error;
    }
    return session;
  }

  /**
   * Breaks one thing while terminals log out, repairs it, and waits until each terminal has succeeded.
   *
   * @param requests how often each terminal asks while it is broken.
   */
  async run(fault: DrillFault, requests: number): Promise<DrillResult> {
    const { place } = fault;
    const { proxy, table } = this.#local;
    const state = this.#state;
    const terminals = newTerminals();
    if (place.at !== 'login') await this.#logIn(terminals);
    state.fault = fault;
    state.attempts.clear();
    state.lines.length = 0;
    if (place.at === 'connections') await proxy.refuse();
    const change = place.at === 'terminals' ? place.change : {};
    const broken = await Promise.all(
      terminals.map((terminal) => this.#logOut({ ...terminal, ...change }, requests)),
    );

    const lines = state.lines.filter((line) => line.startsWith('{'));
    if (place.at === 'connections') await proxy.accept();
    state.fault = undefined;
    if (place.at === 'login') await this.#logIn(terminals);
    const afterwards = await Promise.all(
      terminals.map((terminal) => this.#logOut(terminal, MAX_REQUESTS_AFTERWARDS)),
    );
    await proxy.settled();
    return {
      lines,
      terminals: await Promise.all(
        terminals.map(async ({ id, terminal_id, terminal_type }, index) => ({
          terminalId: terminal_id,
          terminalType: terminal_type,
          answers: [...(broken[index] ?? []), ...(afterwards[index] ?? [])],
          isLoggedOut: (await table.get(id))?.success === true,
        })),
      ),
    };
  }

  async #logInAndOut(): Promise<void> {
    const terminals = newTerminals();
    await this.#logIn(terminals);
    await Promise.all(terminals.map((terminal) => this.#logOut(terminal, MAX_REQUESTS_AFTERWARDS)));
  }

  async #logIn(terminals: readonly Terminal[]): Promise<void> {
    const date_login = new Date(Date.now() - 3_600_000).toISOString();
    await Promise.all(terminals.map((terminal) => this.#local.table.put({ ...terminal, date_login })));
  }

  /** Asks until the answer is 200. @returns each answer. */
  async #logOut(fields: object, maxRequests: number): Promise<string[]> {
    const answers: string[] = [];
    while (answers.length < maxRequests) {
      if (answers.length > 0) await sleep(RETRY_MS);
      const answer = await fetch(this.#local.stack.url, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fields),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      const { code } = (await answer.json()) as { code?: string };
      answers.push(code === undefined ? String(answer.status) : `${answer.status} ${code}`);
      if (answer.status === 200) break;
    }
    return answers;
  }
}

function newTerminals(): Terminal[] {
  return TERMINALS.map((terminal) => ({ ...terminal, id: randomUUID() }));
}

/** What is broken now, and what came of it. */
interface State {
  fault: DrillFault | undefined;
  /** How often each connection's write was sent. */
  readonly attempts: Map<string, number>;
  readonly lines: string[];
}

function chooseFault({ operation, input }: StoreRequest, { fault, attempts }: State) {
  if (operation !== 'UpdateItem' || fault?.place.at !== 'table') return pass;
  const id = JSON.stringify(input.Key);
  const attempt = (attempts.get(id) ?? 0) + 1;
  attempts.set(id, attempt);
  return fault.place.fault(attempt) ?? pass;
}
