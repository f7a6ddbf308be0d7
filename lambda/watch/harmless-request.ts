/** The one path that is served. Terminals have it built in. */
export const ROUTE_PATH = '/api/tt_cmd_connection/logout';

/** The id of a connection that no login service makes: all but its last digit are zero. */
export const NONEXISTENT_ID = '00000000-0000-0000-0000-000000000001';

/**
 * The body of a request that changes nothing: it asks to log out a connection that does not exist. Everything before
 * the write, the right to write and the table itself take part in its answer.
 */
export const HARMLESS_BODY = JSON.stringify({ id: NONEXISTENT_ID });

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
