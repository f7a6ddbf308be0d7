import { randomUUID } from 'node:crypto';
import type { PutRequest } from './events.ts';
import type { Item } from './table.ts';

/** A text that may be written only to the table and to a record in a response. */
export const MARKER = 'marker-5ec2e75ec2e75ec2e7';

/** A user who may be written only to the table and to a record in a response. */
export const MARKED_USER = '5ec2e75e-c2e7-4ec2-8e75-5ec2e75ec2e7';

/** Makes a new connection that is logged in, as the login service writes it, with the given changes. */
export function openConnection(changes: Item = {}): Item & { id: string; id_user: string } {
  return {
    id: randomUUID(),
    locator: 'L-1',
    id_pos_sesion: randomUUID(),
    terminal_id: 'T-1',
    message: 'hello',
    date_login: '2026-05-09T09:00:00+02:00',
    terminal_type: 'handheld',
    id_user: randomUUID(),
    ...changes,
  };
}

/** Makes a new connection that is logged in, with a marked `message` and `id_user`. */
export function markedConnection(changes: Item = {}): ReturnType<typeof openConnection> {
  return openConnection({ message: MARKER, id_user: MARKED_USER, ...changes });
}

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

/**
 * Finds the markers.
 *
 * @param texts log lines, or responses that are not a record.
 * @returns those that hold a marker, in any case, with or without hyphens, or in base64.
 */
export function findLeaks(texts: readonly string[]): string[] {
  const plain = [MARKER, MARKED_USER].map(withoutHyphens);
  const encoded = [MARKER, MARKED_USER].map((text) => Buffer.from(text).toString('base64').slice(0, -4));
  return texts.filter(
    (text) =>
      plain.some((marker) => withoutHyphens(text).includes(marker)) ||
      encoded.some((marker) => text.includes(marker)),
  );
}

function withoutHyphens(text: string): string {
  return text.toLowerCase().replaceAll('-', '');
}
