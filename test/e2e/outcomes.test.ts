import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../support/connections.ts';
import type { PutRequest } from '../support/events.ts';
import { type FaultyFunction, startFaultyFunction } from '../support/function.ts';
import { recordOf } from '../support/responses.ts';
import type { Item, LocalTable } from '../support/table.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let service: FaultyFunction;
let item: ReturnType<typeof openConnection>;

beforeAll(async () => {
  table = await createTable();
  service = await startFaultyFunction(table);
});

afterAll(async () => {
  await service.close();
  table.close();
});

beforeEach(async () => {
  item = openConnection();
  await table.put(item);
});

const DATE = '2026-05-09T17:00:00.1234567+02:00';

test('a logout is 200 with the ten fields as they are now stored', async () => {
  const { status, record } = await service.logOut({
    body: { id: item.id, date_logout: DATE, message: 'bye' },
  });
  const stored = { ...item, message: 'bye', date_logout: DATE, success: true };
  expect({ status, record }).toEqual({ status: 200, record: recordOf(stored) });
  expect(await table.get(item.id)).toEqual(stored);
});

test('a repeat is 200 with the same bytes, and changes nothing', async () => {
  const first = await service.logOut({ body: { id: item.id, date_logout: DATE } });
  const repeats = [
    { id: item.id },
    { id: item.id, date_logout: '2026-05-09T15:00:00.1234567Z' },
    { id: item.id, date_logout: DATE, message: 'again' },
  ];
  for (const body of repeats) {
    expect(await service.logOut({ body })).toMatchObject({ status: 200, body: first.body });
  }
  expect(await table.get(item.id)).toEqual({ ...item, date_logout: DATE, success: true });
});

describe("an unknown connection and another caller's get the same 404, by one write that changes nothing", () => {
  const OTHER = '11111111-2222-3333-4444-555555555555';

  test.each<[string, object, PutRequest, Item]>([
    ['an id that no item has', { id: OTHER }, {}, {}],
    ['another terminal', { terminal_id: 'T-2' }, {}, {}],
    [
      'another terminal of one that is logged out at another instant',
      { terminal_id: 'T-2', date_logout: DATE },
      {},
      { date_logout: '2026-05-09T17:00:00Z', success: true },
    ],
    ["another user's token", {}, { jwt: { sub: OTHER } }, {}],
  ])('%s', async (_case, fields, request, changes) => {
    const stored = { ...item, ...changes };
    await table.put(stored);
    const { status, body, sent } = await service.logOut({
      ...request,
      requestId: 'R-1',
      body: { id: item.id, ...fields },
    });
    expect({ status, body }).toEqual({
      status: 404,
      body: '{"success":false,"code":"connection_not_found","message":"There is no such connection.","request_id":"R-1"}',
    });
    expect(sent).toHaveLength(1);
    expect(await table.get(item.id)).toEqual(stored);
  });
});

test.each([null, 'PUT', [], {}, { headers: null, requestContext: 5, body: {}, isBase64Encoded: 'yes' }])(
  'an event that the gateway cannot have sent, %j, is 400',
  async (event) => {
    expect((await service.lambda.invoke(event)).statusCode).toBe(400);
  },
);

test.each([
  ['AUTH', 'jwt', { jwt: { sub: 'alice' } }, 'caller', 'MissingClaimsError'],
  [
    'CERTIFICATE_SUBJECT',
    'terminal_id',
    { subjectDN: 'O=Example' },
    'certificate',
    'MissingCertificateError',
  ],
])(
  'with %s=%s a caller without a name is a 404, and an event without any proof a 500, for which nothing is sent',
  async (name, value, proof, failed_condition, cause) => {
    const strict = await startFaultyFunction(table, { [name]: value });
    onTestFinished(() => strict.close());
    const nameless = await strict.logOut({ ...proof, body: { id: item.id } });
    expect(nameless).toMatchObject({ status: 404, line: { failed_condition } });
    const without = await strict.logOut({ body: { id: item.id } });
    expect(without).toMatchObject({
      status: 500,
      line: { outcome: 'internal_error', cause: { name: cause } },
    });
    expect(without.sent).toEqual([]);
    expect(await strict.logOut({ body: { id: 'x' } })).toMatchObject({ status: 400 });
    expect(await table.get(item.id)).toEqual(item);
  },
);
