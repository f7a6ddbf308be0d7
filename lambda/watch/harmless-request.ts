import { NONEXISTENT_ID } from '../domain/connection.ts';

/**
 * The body of a request that changes nothing: it asks to log out a connection that does not exist. Everything before
 * the write, the right to write and the table itself take part in the response.
 */
export const HARMLESS_BODY = JSON.stringify({ id: NONEXISTENT_ID });

/** What the service responds to it. */
const HARMLESS_RESPONSE = { status: 404, code: 'connection_not_found' } as const;

/** A response over HTTP, or that of the function to the gateway. */
export interface ServiceResponse {
  readonly status: number;
  readonly body: string;
}

/**
 * Compares a response to the harmless request with what it must be.
 *
 * @returns a sentence about the difference; `undefined` where there is none.
 */
export function describeDifference({ status, body }: ServiceResponse): string | undefined {
  const code = readCode(body);
  if (status === HARMLESS_RESPONSE.status && code === HARMLESS_RESPONSE.code) return undefined;
  const expected = `${HARMLESS_RESPONSE.status} ${HARMLESS_RESPONSE.code}`;
  return `The response is ${status} ${code ?? body.slice(0, 200)}, but must be ${expected}.`;
}

function readCode(body: string): unknown {
  try {
    return (JSON.parse(body) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}
