import { randomUUID } from 'node:crypto';
import { type PutEvent, putEvent } from './events.ts';
import { connection, type Store } from './stores.ts';

/**
 * Makes requests, each for a connection of its own that is logged in.
 *
 * @param count how many.
 */
export async function requests(store: Store, count: number): Promise<PutEvent[]> {
  const connections = Array.from({ length: count }, () => connection(randomUUID()));
  await store.put(connections);
  return connections.map(({ id, terminal_id, terminal_type, id_user }) =>
    putEvent({
      body: { id, terminal_id, terminal_type, id_user, date_logout: '2026-05-09T17:00:00.1234567+02:00' },
    }),
  );
}
