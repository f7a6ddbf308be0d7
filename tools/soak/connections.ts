import { randomUUID } from 'node:crypto';
import type { Item } from '../local/table.ts';

/** A connection that is logged in, as the login service writes it: a new one each time, but for the changes. */
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
