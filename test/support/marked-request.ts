import { MARKED_USER, MARKER } from './connections.ts';
import type { PutRequest } from './events.ts';

/** Makes a request with markers in everything that the log must not hold: headers, `message`, `id_user`, unknown fields. */
export function markedRequest(fields: object, request: PutRequest = {}): PutRequest {
  return {
    accept: `application/json, ${MARKER}/x`,
    body: { message: MARKER, id_user: MARKED_USER, [MARKER]: MARKER, ...fields },
    ...request,
    headers: {
      authorization: `Bearer ${MARKER}`,
      cookie: MARKER,
      'user-agent': MARKER,
      [MARKER]: MARKER,
      ...request.headers,
    },
  };
}
