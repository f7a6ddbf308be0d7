import Negotiator from 'negotiator';

/** The formats of a request. */
export const REQUEST_TYPES = ['application/json', 'text/json', 'application/x-www-form-urlencoded'] as const;

/** The formats of a response, the preferred one first. */
const RESPONSE_TYPES = ['application/json', 'text/json'] as const;

/** The format of a request. */
export type RequestType = (typeof REQUEST_TYPES)[number];

/** The format of a response. */
export type ResponseType = (typeof RESPONSE_TYPES)[number];

/**
 * Reads the format of a request. Its parameters are ignored: a body is UTF-8 whatever `charset` says.
 *
 * @param contentType the header `Content-Type`.
 * @returns `undefined` where it is none of the three.
 */
export function parseRequestType(contentType: string | undefined): RequestType | undefined {
  const [essence = ''] = (contentType ?? '').split(';', 1);
  return REQUEST_TYPES.find((type) => type === essence.trim().toLowerCase());
}

/** A `charset` parameter, which is ignored: `Negotiator` would take an entry that has one for another type. */
const CHARSET = /;\s*charset\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*)/gi;

/**
 * Chooses the format of a response, by RFC 9110 section 12.5.1.
 *
 * @param accept the header `Accept`. Where nothing in it matches, the request's own format decides: never a 406.
 * @param contentType the header `Content-Type` of the request.
 */
export function negotiateResponseType(
  accept: string | undefined,
  contentType: string | undefined,
): ResponseType {
  const preferred = accept === undefined ? undefined : preferredType(accept);
  return preferred ?? (parseRequestType(contentType) === 'text/json' ? 'text/json' : 'application/json');
}

function preferredType(accept: string): ResponseType | undefined {
  const negotiator = new Negotiator({ headers: { accept: accept.replace(CHARSET, '') } });
  const preferred = negotiator.mediaType([...RESPONSE_TYPES]);
  return RESPONSE_TYPES.find((type) => type === preferred);
}
