import { isDeepStrictEqual } from 'node:util';
import type { SmokeAnswer } from './client.ts';

/** What an answer must be. */
export interface Expectation {
  /** For the table, such as `404 connection_not_found`. */
  readonly summary: string;
  /** @returns a sentence for each difference; none if the answer is right. */
  differences(answer: SmokeAnswer): string[];
}

/** Reads an answer's body. @returns the value, or undefined if it is no compact JSON. */
function parsed(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return JSON.stringify(value) === body ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A refusal of the service's own: its body to the letter but for the sentences, and its headers.
 *
 * @param status the HTTP status.
 * @param code the contract's code.
 * @param details `errors`: the fields that a 400 must name, in order. `type`: the answer's media type, by default
 *   `application/json`.
 */
export function byService(
  status: number,
  code: string,
  details: { readonly errors?: readonly string[]; readonly type?: string } = {},
): Expectation {
  const { errors, type = 'application/json' } = details;
  return {
    summary: `${status} ${code}`,
    differences({ status: actual, headers, body }) {
      const id = headers['apigw-requestid'];
      const value = parsed(body);
      const { message } = (value ?? {}) as { message?: unknown };
      const shape = { success: false, code, message, request_id: id };
      const expected = errors === undefined ? shape : { ...shape, errors: named(value, errors) };
      const isSentence = typeof message === 'string' && /^\S.*\.$/.test(message);
      return [
        ...different('the status', actual, status),
        ...header(headers, 'content-type', `${type}; charset=utf-8`),
        ...header(headers, 'cache-control', 'no-store'),
        ...header(headers, 'x-content-type-options', 'nosniff'),
        ...(id === undefined ? ['there is no header apigw-requestid'] : []),
        // Compared as text: the order of the names counts.
        ...(isSentence
          ? different('the body', body, JSON.stringify(expected))
          : [`the body is ${body}, but must be compact JSON whose message is a sentence`]),
      ];
    },
  };
}

/** The errors as they must be, with the sentences that were sent where they are sentences. */
function named(value: unknown, fields: readonly string[]): object[] {
  const { errors } = (value ?? {}) as { errors?: unknown };
  const sent: { message?: unknown }[] = Array.isArray(errors) ? errors : [];
  return fields.map((field, index) => {
    const message = sent[index]?.message;
    return { field, message: typeof message === 'string' && message !== '' ? message : '(a sentence)' };
  });
}

/**
 * An answer of the gateway's own, such as `{"message":"Not Found"}`.
 *
 * @param status the HTTP status.
 * @param message the text.
 */
export function byGateway(status: number, message: string): Expectation {
  return {
    summary: `${status} ${message}, by the gateway`,
    differences: ({ status: actual, headers, body }) => [
      ...different('the status', actual, status),
      ...header(headers, 'content-type', 'application/json'),
      ...(isDeepStrictEqual(parsed(body), { message })
        ? []
        : different('the body', body, JSON.stringify({ message }))),
    ],
  };
}

/**
 * The authorizer's refusal: 403 with IAM, 401 with a token. The text is not held to the letter: AWS documents several
 * for IAM. That the service itself did not answer is.
 *
 * @param auth which authorizer.
 */
export function refusedCaller(auth: 'iam' | 'jwt'): Expectation {
  const status = auth === 'iam' ? 403 : 401;
  return {
    summary: `${status}, by the gateway`,
    differences({ status: actual, body }) {
      const value = parsed(body) as { message?: unknown; code?: unknown } | undefined;
      const isGateways = typeof value?.message === 'string' && value.code === undefined;
      return [
        ...different('the status', actual, status),
        ...(isGateways ? [] : [`the body is ${body}, but must be the gateway's {"message":"…"}`]),
      ];
    },
  };
}

function header(headers: SmokeAnswer['headers'], name: string, expected: string): string[] {
  return different(`the header ${name}`, headers[name], expected);
}

function different(what: string, actual: unknown, expected: unknown): string[] {
  return actual === expected ? [] : [`${what} is ${actual ?? 'missing'}, but must be ${expected}`];
}
