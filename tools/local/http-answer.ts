import type { OutgoingHttpHeaders } from 'node:http';
import { validateHeaderName, validateHeaderValue } from 'node:http';

/** An answer as it goes over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  /** Without `content-length` and `apigw-requestid`, which the gateway adds. */
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Headers that the gateway sets itself, whatever the function says. */
const GATEWAY_HEADERS = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'apigw-requestid',
]);

/**
 * Makes an answer of the gateway's own: `{"message":"…"}`.
 *
 * @param status the HTTP status.
 * @param message the text, such as `Not Found`.
 */
export function gatewayAnswer(status: number, message: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/**
 * Translates what a function answered, by payload format 2.0: an object with a `statusCode` is the answer,
 * anything else is the body of a 200.
 *
 * @param payload the function's answer, as JSON.
 * @returns the answer, or undefined if the gateway cannot send it (it then answers 500).
 */
export function toAnswer(payload: string): HttpAnswer | undefined {
  const result: unknown = JSON.parse(payload);
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = Buffer.from(typeof result === 'string' ? result : payload);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = withoutNulls(result);
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599) return undefined;
  if (typeof headers !== 'object' || !Array.isArray(cookies) || typeof body !== 'string') return undefined;
  const sent = toHeaders(Object.entries(headers), cookies);
  return (
    sent && {
      status: Number(statusCode),
      headers: sent,
      body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    }
  );
}

function withoutNulls(
  result: object,
): Record<string, unknown> & { headers?: object; isBase64Encoded?: unknown } {
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== null));
}

function toHeaders(entries: [string, unknown][], cookies: unknown[]): OutgoingHttpHeaders | undefined {
  const headers: OutgoingHttpHeaders = { 'content-type': 'text/plain;charset=UTF-8' };
  try {
    for (const [name, value] of entries) {
      if (typeof value === 'object') return undefined;
      validateHeaderName(name);
      validateHeaderValue(name, String(value));
      if (!GATEWAY_HEADERS.has(name.toLowerCase())) headers[name.toLowerCase()] = String(value);
    }
    if (cookies.length > 0) {
      headers['set-cookie'] = cookies.map(String);
      validateHeaderValue('set-cookie', cookies.join());
    }
    return headers;
  } catch {
    // A name or a value that cannot be a header.
    return undefined;
  }
}
