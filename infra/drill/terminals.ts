import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a terminal sends. */
interface TerminalRequest {
  readonly contentType: string;
  readonly body: string;
}

/** A terminal whose person has logged in, and now logs out. */
export interface Terminal {
  readonly id: string;
  readonly type: string;
  /** How it writes its request, in a few words. */
  readonly speaks: string;
  /** The connection, as the login service writes it. */
  readonly connection: Readonly<Record<string, unknown>> & { readonly id: string };
  readonly request: TerminalRequest;
  /** What the bad release makes of the request; absent on terminals that it is not for. */
  readonly badRequest?: TerminalRequest;
  /** The instant that it gives, in milliseconds since 1970; absent where the server's clock decides. */
  readonly loggedOutAt?: number;
}

/** One answer to a terminal. */
interface TerminalAnswer {
  /** When the request was sent and how long the answer took, in milliseconds. */
  readonly sentAt: number;
  readonly ms: number;
  /** The status, and the id by which the logs know the request; absent where there was no answer. */
  readonly status?: number;
  readonly requestId?: string;
}

/** How a terminal's logout went. */
export interface LogoutStory {
  readonly terminal: Terminal;
  /** In their order; the last is the one that it was content with, or gave up on. */
  readonly answers: readonly TerminalAnswer[];
}

/** What a terminal waits where the answer does not say how long, in milliseconds. */
const WAIT_MS = 1_000;
/** What the bad release waits. */
const HASTY_WAIT_MS = 300;
/** A terminal gives up after that many requests. In the field it would go on tomorrow; a drill must end. */
const MOST_REQUESTS = 30;
/** How long a terminal waits for an answer, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Makes terminals as they are in the field: of several kinds, and in every format that the service takes.
 *
 * @param now the instant at which their people log out, in milliseconds since 1970.
 * @returns the terminals, each with a connection of its own that is nowhere else.
 */
export function terminals(now: number): Terminal[] {
  return [
    handheld('T-0412', now),
    handheld('T-0413', now),
    handheld('T-0414', now),
    terminal('T-0401', 'till', 'a form', now, (id) => ({
      contentType: 'application/x-www-form-urlencoded',
      // What a .NET client sends of values that were never set.
      body: String(
        new URLSearchParams({
          id,
          terminal_id: 'T-0401',
          success: 'False',
          date_login: '0001-01-01T00:00:00.0000000',
          date_logout: withTicks(now),
        }),
      ),
    })),
    terminal('T-0207', 'till', 'text/json, /Date(…)/', now, (id) => ({
      contentType: 'text/json',
      body: `{"id":"${id}","terminal_id":"T-0207","date_logout":"\\/Date(${now})\\/"}`,
    })),
    terminal('K-1103', 'kiosk', 'JSON, without a date', undefined, (id) =>
      json({ id, terminal_id: 'K-1103', message: null, date_logout: '0001-01-01T00:00:00', success: false }),
    ),
  ];
}

function handheld(terminalId: string, now: number): Terminal {
  const fields = (id: string) => ({ id, terminal_id: terminalId, terminal_type: 'handheld' });
  const made = terminal(terminalId, 'handheld', 'JSON', now, (id) =>
    json({ ...fields(id), date_logout: withTicks(now) }),
  );
  return {
    ...made,
    badRequest: json({ ...fields(made.connection.id), date_logout: '24/11/2026 12:00' }),
  };
}

function terminal(
  terminalId: string,
  type: string,
  speaks: string,
  loggedOutAt: number | undefined,
  requestOf: (id: string) => TerminalRequest,
): Terminal {
  const id = randomUUID();
  const connection = {
    id,
    locator: `MAD-04-${type.toUpperCase()}`,
    id_pos_sesion: randomUUID(),
    terminal_id: terminalId,
    success: true,
    date_login: '2026-01-01T09:00:00+01:00',
    terminal_type: type,
    id_user: randomUUID(),
  };
  return {
    id: terminalId,
    type,
    speaks,
    connection,
    request: requestOf(id),
    ...(loggedOutAt !== undefined && { loggedOutAt }),
  };
}

const json = (fields: object): TerminalRequest => ({
  contentType: 'application/json',
  body: JSON.stringify(fields),
});

/** As .NET writes an instant: with seven digits of a second. */
const withTicks = (instant: number): string => new Date(instant).toISOString().replace('Z', '4567Z');

/**
 * Logs out as a terminal does: sends the request, and the same request again while the answer is 5xx or none comes.
 * It waits for as long as `Retry-After` says, else a second.
 *
 * @param url the route.
 * @param isReleaseBad asked before each request: whether the bad release is installed, which repeats a 400 too.
 */
export async function logOut(
  terminal: Terminal,
  url: string,
  isReleaseBad: () => boolean,
): Promise<LogoutStory> {
  const answers: TerminalAnswer[] = [];
  while (answers.length < MOST_REQUESTS) {
    const bad = isReleaseBad() ? terminal.badRequest : undefined;
    const { retryAfter, ...answer } = await put(url, bad ?? terminal.request);
    answers.push(answer);
    const isFinal = answer.status !== undefined && answer.status < 500;
    if (isFinal && bad === undefined) break;
    await sleep(isFinal ? HASTY_WAIT_MS : (retryAfter ?? WAIT_MS));
  }
  return { terminal, answers };
}

async function put(
  url: string,
  { contentType, body }: TerminalRequest,
): Promise<TerminalAnswer & { retryAfter?: number }> {
  const sentAt = Date.now();
  const since = performance.now();
  try {
    const answer = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': contentType },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.arrayBuffer();
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
    const requestId = answer.headers.get('apigw-requestid');
    return {
      sentAt,
      ms: Math.round(performance.now() - since),
      status: answer.status,
      ...(requestId !== null && { requestId }),
      ...(seconds > 0 && { retryAfter: seconds * 1_000 }),
    };
  } catch {
    return { sentAt, ms: Math.round(performance.now() - since) };
  }
}
