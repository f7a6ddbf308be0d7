import Negotiator from 'negotiator';

/** The formats of a request. */
export const REQUEST_TYPES = ['application/json', 'text/json', 'application/x-www-form-urlencoded'] as const;

/** The formats of an answer, the preferred one first. */
const ANSWER_TYPES = ['application/json', 'text/json'] as const;

/** The format of a request. */
export type RequestType = (typeof REQUEST_TYPES)[number];

/** The format of an answer. */
export type AnswerType = (typeof ANSWER_TYPES)[number];

/**
 * Reads the format of a request. Its parameters count for nothing: a body is UTF-8 whatever `charset` says.
 *
 * @param contentType the header `Content-Type`.
 * @returns `undefined` where it is none of the three.
 */
export function requestType(contentType: string | undefined): RequestType | undefined {
  const [essence = ''] = (contentType ?? '').split(';', 1);
  return REQUEST_TYPES.find((type) => type === essence.trim().toLowerCase());
}

/**
 * Chooses the format of an answer, by RFC 9110 section 12.5.1.
 *
 * @param accept the header `Accept`. Where nothing in it matches, the request's own format decides: never a 406.
 * @param contentType the header `Content-Type` of the request.
 */
export function answerType(accept: string | undefined, contentType: string | undefined): AnswerType {
  const accepted =
    accept === undefined ? undefined : new Negotiator({ headers: { accept } }).mediaType([...ANSWER_TYPES]);
  const own = requestType(contentType) === 'text/json' ? 'text/json' : 'application/json';
  return (accepted as AnswerType | undefined) ?? own;
}
