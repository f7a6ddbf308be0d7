import { NONEXISTENT_ID } from '../domain/connection.ts';

/**
 * The body of a request that changes nothing: it asks to log out a connection that does not exist. Everything before
 * the write, the right to write and the table itself take part in its answer.
 */
export const HARMLESS_BODY = JSON.stringify({ id: NONEXISTENT_ID });

/** The longest that the probe waits for an answer: as long as the function may take. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** What the service answers to it. */
export const HARMLESS_ANSWER = { status: 404, code: 'connection_not_found' } as const;

/** An answer over HTTP, or that of the function to the gateway. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Compares an answer to the harmless request with what it must be.
 *
 * @returns a sentence about the difference; `undefined` where there is none.
 */
export function describeDifference({ status, body }: Answer): string | undefined {
  const code = codeOf(body);
  if (status === HARMLESS_ANSWER.status && code === HARMLESS_ANSWER.code) return undefined;
  const expected = `${HARMLESS_ANSWER.status} ${HARMLESS_ANSWER.code}`;
  return `The answer is ${status} ${code ?? body.slice(0, 200)}, but must be ${expected}.`;
}

function codeOf(body: string): unknown {
  try {
    return (JSON.parse(body) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}
