import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { MARKER, markedConnection, markedRequest } from '../support/connections.ts';
import type { PutRequest } from '../support/events.ts';
import { type FaultyFunction, startFaultyFunction } from '../support/function.ts';
import { ITEM, OUTCOMES, recordOutcomes, SITUATIONS } from '../support/recorded-outcomes.ts';
import { createTable, type Item, type LocalTable } from '../support/table.ts';

/** What no connection of the tests has. */
const OTHER = '11111111-2222-3333-4444-555555555555';

let table: LocalTable;
let service: FaultyFunction;
let item: ReturnType<typeof markedConnection>;

beforeAll(async () => {
  table = await createTable();
  service = await startFaultyFunction(table);
});

afterAll(async () => {
  await service.close();
  table.close();
});

beforeEach(async () => {
  item = markedConnection();
  await table.put(item);
});

test.each(OUTCOMES)(
  'a request of the outcome %s has one log line with these fields and no other',
  async (outcome) => {
    const { [outcome]: line } = await recordOutcomes();
    expect(line).toEqual({
      level: 'info',
      stage: 'prod',
      commit: '0123abc',
      function_version: '7',
      function_request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      request_id: outcome,
      outcome,
      timestamp: expect.any(String),
      status: expect.any(Number),
      connection_id: ITEM.id,
      body_format: 'application/json',
      body_bytes: expect.any(Number),
      latency_ms: expect.any(Number),
      // The first request of the environment has both.
      cold_start: outcome === 'logged_out',
      tz_version: outcome === 'logged_out' ? process.versions.tz : undefined,
      requests: 1,
      _aws: expect.any(Object),
      ...SITUATIONS[outcome].line,
    });
  },
);

test.each<[string, PutRequest]>([
  ['malformed_body', { body: `{"message":"${MARKER}",` }],
  ['invalid_connection', { body: { id: MARKER, success: MARKER, terminal_type: [MARKER] } }],
  ['body_too_large', { body: MARKER.repeat(10_000) }],
  ['unsupported_media_type', { body: MARKER, contentType: MARKER }],
  ['connection_not_found', { jwt: { sub: MARKER, name: MARKER } }],
])('nothing that a request of %s holds is in its line or its response', async (outcome, request) => {
  const { line } = await service.logOut(markedRequest({ id: item.id }, request));
  expect(line).toMatchObject({ outcome });
});

test.each([true, false])(
  'body_bytes are the bytes that the terminal sent, not characters (base64: %s)',
  async (base64) => {
    const body = `{"id":"${item.id}","terminal_id":"ñ€😀"}`;
    const { line } = await service.logOut({ body, base64 });
    expect(line).toMatchObject({ body_bytes: Buffer.byteLength(body) });
  },
);

test.each<[date_logout: string, line: object]>([
  ['2026-05-09T14:58:30.5', { outcome: 'logged_out', date_skew_s: -89.5, date_has_offset: false }],
  ['2026-05-09T17:00:02+02:00', { outcome: 'logged_out', date_skew_s: 2, date_has_offset: true }],
  [
    '2026-05-09T18:00:00+02:00',
    { outcome: 'invalid_connection', contributor: 'T-1', date_skew_s: 3600, date_has_offset: true },
  ],
])(
  'the line of a request at %s, read at 15:00 UTC, says whose it is, how far that is ahead and whether it has an offset',
  async (date_logout, expected) => {
    const { id, terminal_id, terminal_type } = item;
    const body = { id, terminal_id, terminal_type, date_logout };
    const { line } = await service.logOut({ body, timeEpoch: Date.UTC(2026, 4, 9, 15) });
    expect(line).toMatchObject({ connection_id: id, terminal_id, terminal_type, ...expected });
  },
);

test.each<[string, object, PutRequest, Item, object]>([
  ['an id that no item has', { id: OTHER }, {}, {}, { failed_condition: 'exists', item_exists: false }],
  [
    'another terminal of a connection that is logged out at another instant',
    { terminal_id: 'T-2', locator: 'L-2', date_logout: '2026-05-09' },
    {},
    { date_logout: '2026-05-09T17:00:00Z', success: true },
    { failed_condition: 'locator, terminal_id' },
  ],
  ["another user's token", {}, { jwt: { sub: OTHER } }, {}, { failed_condition: 'caller' }],
])('%s gets the same 404 by one write that changes nothing', async (_, fields, request, changes, logged) => {
  const stored = { ...item, ...changes };
  await table.put(stored);
  const { status, body, sent, line } = await service.logOut({
    ...request,
    requestId: 'R-1',
    body: { id: item.id, ...fields },
  });
  expect({ status, body }).toEqual({
    status: 404,
    body: '{"success":false,"code":"connection_not_found","message":"There is no such connection.","request_id":"R-1"}',
  });
  expect(line).toMatchObject(logged);
  expect(sent).toHaveLength(1);
  expect(await table.get(item.id)).toEqual(stored);
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
  'with %s=%s a caller without a name is a 404, and an event without any proof a 500 whose line names the connection, and nothing is sent',
  async (name, value, proof, failed_condition, cause) => {
    const strict = await startFaultyFunction(table, { [name]: value });
    onTestFinished(() => strict.close());
    const nameless = await strict.logOut({ ...proof, body: { id: item.id } });
    expect(nameless).toMatchObject({ status: 404, line: { failed_condition } });
    const without = await strict.logOut({ body: { id: item.id } });
    expect(without).toMatchObject({
      status: 500,
      line: { outcome: 'internal_error', connection_id: item.id, cause: { name: cause } },
    });
    expect(without.sent).toEqual([]);
    expect(await strict.logOut({ body: { id: 'x' } })).toMatchObject({ status: 400 });
    expect(await table.get(item.id)).toEqual(item);
  },
);
