import type { PutRequest } from '../bench/events.ts';
import type { Item } from '../local/table.ts';
import { openConnection } from './connections.ts';

/** A text that must never be written anywhere but in the table and in a record that is answered. */
export const MARKER = 'marker-5ec2e75ec2e75ec2e7';

/** A user who must never be written anywhere but in the table and in a record that is answered. */
export const MARKED_USER = '5ec2e75e-c2e7-4ec2-8e75-5ec2e75ec2e7';

/** A connection that is logged in, whose `message` and `id_user` are marked. */
export function markedConnection(changes: Item = {}): ReturnType<typeof openConnection> {
  return openConnection({ message: MARKER, id_user: MARKED_USER, ...changes });
}

/** A request in which all that is no business of the log is marked: headers, and what the body's fields add to. */
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

/**
 * Finds what must not be there.
 *
 * @param texts log lines, or answers that are no record.
 * @returns those that hold a marker, in any case, with or without dashes, or in base64.
 */
export function leaks(texts: readonly string[]): string[] {
  const plain = [MARKER, MARKED_USER].map(withoutDashes);
  const encoded = [MARKER, MARKED_USER].map((text) => Buffer.from(text).toString('base64').slice(0, -4));
  return texts.filter(
    (text) =>
      plain.some((marker) => withoutDashes(text).includes(marker)) ||
      encoded.some((marker) => text.includes(marker)),
  );
}

function withoutDashes(text: string): string {
  return text.toLowerCase().replaceAll('-', '');
}
