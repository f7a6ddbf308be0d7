import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item, LocalTable } from '../../tools/local/table.ts';
import { markedConnection } from '../../tools/soak/connections.ts';
import type { PutRequest } from '../support/events.ts';
import { type FaultyFunction, startFaultyFunction } from '../support/faulty-function.ts';
import { markedRequest } from '../support/marked-request.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let service: FaultyFunction;

beforeAll(async () => {
  table = await createTable();
  service = await startFaultyFunction(table);
});

afterAll(async () => {
  await service.close();
  await table.delete();
});

const anyone = randomUUID();
const loggedOut = { date_logout: '2026-05-09T17:00:00Z', success: true };

/** Whose connection it is not, and how that is asked for. The item is logged in, or as it says. */
const CASES: [string, { fields?: object; request?: PutRequest; item?: Item }][] = [
  ['an id that no item has', { fields: { id: anyone } }],
  ['another locator', { fields: { locator: 'L-2' } }],
  ['another session', { fields: { id_pos_sesion: anyone } }],
  ['another terminal', { fields: { terminal_id: 'T-2' } }],
  ['another type of terminal', { fields: { terminal_type: 'kiosk' } }],
  ['another user', { fields: { id_user: anyone } }],
  ['all of it', { fields: { locator: 'L-2', id_pos_sesion: anyone, terminal_id: 'T-2', id_user: anyone } }],
  ["somebody else's token", { request: { jwt: { sub: anyone } } }],
  ['a token without a subject', { request: { jwt: {} } }],
  ['another terminal, of one that is logged out', { fields: { terminal_id: 'T-2' }, item: loggedOut }],
  [
    "somebody else's token, for one that is logged out",
    { request: { jwt: { sub: anyone } }, item: loggedOut },
  ],
  [
    'another terminal, of one that is logged out at another time',
    { fields: { terminal_id: 'T-2', date_logout: '2026-05-09' }, item: loggedOut },
  ],
];

test('an unknown and a foreign connection get the same answer, in which only the request id differs, by one write', async () => {
  const answers = [];
  for (const [name, { fields, request, item: changes = {} }] of CASES) {
    const item = markedConnection(changes);
    await table.put(item);
    const { line, sent, status, body } = await service.logOut(
      markedRequest({ id: item.id, ...fields }, request),
    );
    expect(line, name).toMatchObject({
      outcome: 'connection_not_found',
      failed_condition: expect.any(String),
    });
    expect(
      sent.map(({ operation }) => operation),
      name,
    ).toEqual(['UpdateItem']);
    expect(await table.get(item.id), name).toEqual(item);
    answers.push({ status, body: body.replace(String(line.request_id), '') });
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});
