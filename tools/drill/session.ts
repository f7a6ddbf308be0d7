import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pass } from '../local/faulty-dynamodb.ts';
import { startFaultyStack } from '../local/faulty-stack.ts';
import type { LocalStackOptions } from '../local/stack.ts';
import type { DrillFault } from './faults.ts';

/** A terminal repeats its logout after so long, as `Retry-After` asks. */
const RETRY_MS = 1_000;
/** By then it has succeeded, where nothing is broken any more, or something is wrong with the service. */
const MAX_REQUESTS = 10;
const REQUEST_TIMEOUT_MS = 30_000;

const TERMINALS = [
  { terminal_id: 'T-0412', terminal_type: 'handheld' },
  { terminal_id: 'T-0413', terminal_type: 'handheld' },
  { terminal_id: 'T-0401', terminal_type: 'till' },
  { terminal_id: 'K-1103', terminal_type: 'kiosk' },
] as const;

/** A terminal whose user has logged in. */
type Terminal = (typeof TERMINALS)[number] & { readonly id: string };

/** What came of a fault. */
export interface DrillResult {
  readonly terminals: readonly (Terminal & {
    /** Each answer in its order, such as `503 store_unavailable` or `200`. */
    readonly answers: readonly string[];
    /** Whether the table holds the logout in the end. */
    readonly isLoggedOut: boolean;
  })[];
  /** The lines that the function logged while it was broken, as CloudWatch gets them. */
  readonly lines: readonly string[];
}

/** The local stack with a proxy between function and table, to break one thing at a time. */
export interface DrillSession {
  /** Resolves with a sentence if the stack cannot go on; never rejects. */
  readonly failed: Promise<string>;
  /**
   * Breaks one thing while terminals log out, repairs it, and waits until each terminal has succeeded.
   *
   * @param requests how often each terminal asks while it is broken.
   */
  run(fault: DrillFault, requests: number): Promise<DrillResult>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

/**
 * Starts everything.
 *
 * @throws what `startLocalStack` throws. Nothing is left running then.
 */
export async function startDrill(options: LocalStackOptions = {}): Promise<DrillSession> {
  let broken: DrillFault | undefined;
  /** How often each connection's write was sent. */
  const attempts = new Map<string, number>();
  const printed: string[] = [];
  const { stack, proxy, close } = await startFaultyStack(
    { ...options, onStdoutLine: (line) => void printed.push(line) },
    ({ input }) => {
      const key = JSON.stringify(input.Key);
      const attempt = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, attempt);
      return broken?.table?.(attempt) ?? pass;
    },
  );
  const logIn = async (terminals: readonly Terminal[]): Promise<void> => {
    const date_login = new Date(Date.now() - 3_600_000).toISOString();
    await Promise.all(terminals.map((terminal) => stack.table.put({ ...terminal, date_login })));
  };
  const logOut = (terminals: readonly Terminal[], changes: object = {}, maxRequests = MAX_REQUESTS) =>
    Promise.all(terminals.map((terminal) => askFor200(stack.url, { ...terminal, ...changes }, maxRequests)));

  // So that no fault meets a cold start.
  try {
    const terminals = newTerminals();
    await logIn(terminals);
    await logOut(terminals);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    failed: stack.failed,
    async run(fault, requests) {
      const terminals = newTerminals();
      if (!fault.isLoginMissing) await logIn(terminals);
      broken = fault;
      printed.length = 0;
      const meanwhile = await logOut(terminals, fault.sent, requests);
      const lines = printed.filter((line) => line.startsWith('{'));
      broken = undefined;
      if (fault.isLoginMissing) await logIn(terminals);
      const afterwards = await logOut(terminals);
      await proxy.settled();
      const results = terminals.map(async (terminal, index) => ({
        ...terminal,
        answers: [...(meanwhile[index] ?? []), ...(afterwards[index] ?? [])],
        isLoggedOut: (await stack.table.get(terminal.id))?.success === true,
      }));
      return { lines, terminals: await Promise.all(results) };
    },
    close,
  };
}

function newTerminals(): Terminal[] {
  return TERMINALS.map((terminal) => ({ ...terminal, id: randomUUID() }));
}

/** Asks until the answer is 200. @returns each answer. */
async function askFor200(url: string, fields: object, maxRequests: number): Promise<string[]> {
  const answers: string[] = [];
  while (answers.length < maxRequests && answers.at(-1) !== '200') {
    if (answers.length > 0) await sleep(RETRY_MS);
    const answer = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const { code = '' } = (await answer.json()) as { code?: string };
    answers.push(`${answer.status} ${code}`.trimEnd());
  }
  return answers;
}
