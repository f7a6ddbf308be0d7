import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type FaultyDynamoDb, faultyDynamoDb } from '../../tools/local/faulty-dynamodb.ts';
import type { Item, LocalTable } from '../../tools/local/table.ts';
import { recordOf } from '../../tools/soak/answers.ts';
import { openConnection } from '../../tools/soak/connections.ts';
import { type PutRequest, putEvent } from '../support/events.ts';
import { startFunction, type TestFunction } from '../support/function.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let dynamodb: FaultyDynamoDb;
let lambda: TestFunction;
let item: ReturnType<typeof openConnection>;

beforeAll(async () => {
  table = await createTable();
  dynamodb = await faultyDynamoDb(inject('dynamodbEndpoint'));
  lambda = await startFunction(dynamodb.endpoint, { TABLE_NAME: table.tableName });
});

afterAll(async () => {
  await lambda.close();
  await dynamodb.close();
  await table.delete();
});

beforeEach(async () => {
  item = openConnection();
  await table.put(item);
});

const logOut = (request: PutRequest) => lambda.invoke(putEvent({ requestId: 'request-1', ...request }));

/** What every answer carries. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
};

const DATE = '2026-05-09T17:00:00.1234567+02:00';

const statusOf = async (request: PutRequest) => (await logOut(request)).statusCode;

test('a logout is 200 with the ten fields as they are now stored', async () => {
  const answer = await logOut({ body: { id: item.id, date_logout: DATE, message: 'bye' } });
  const stored = { ...item, message: 'bye', date_logout: DATE, success: true };
  expect(answer).toEqual({ statusCode: 200, headers: HEADERS, body: JSON.stringify(recordOf(stored)) });
  expect(await table.get(item.id)).toEqual(stored);
});

test('a form logs out as JSON does', async () => {
  const contentType = 'application/x-www-form-urlencoded';
  const body = new URLSearchParams({ ID: item.id, date_logout: DATE, success: 'False' }).toString();
  expect(JSON.parse((await logOut({ contentType, body })).body)).toMatchObject({ date_logout: DATE });
});

test('a repeat is 200 with the same bytes, and changes nothing', async () => {
  const first = await logOut({ body: { id: item.id, date_logout: DATE } });
  const repeats = [
    { id: item.id },
    { id: item.id, date_logout: '2026-05-09T15:00:00.1234567Z' },
    { id: item.id, date_logout: DATE, message: 'again' },
  ];
  for (const body of repeats) expect(await logOut({ body })).toEqual(first);
  expect(await table.get(item.id)).toEqual({ ...item, date_logout: DATE, success: true });
});

test('an answer of 200 sent back is a repeat, also of an item that holds nothing but its id', async () => {
  await table.put({ id: item.id });
  const answer = await logOut({ body: { id: item.id, date_logout: DATE } });
  expect(await logOut({ body: answer.body })).toEqual(answer);
});

test('a logout at another instant is 409 with the stored record, and changes nothing', async () => {
  await logOut({ body: { id: item.id, date_logout: DATE } });
  const answer = await logOut({ body: { id: item.id, date_logout: '2026-05-09T17:00:00.1234568+02:00' } });
  const stored = { ...item, date_logout: DATE, success: true };
  const message = 'The connection was already logged out at another time.';
  expect({ ...answer, body: JSON.parse(answer.body) }).toEqual({
    statusCode: 409,
    headers: HEADERS,
    body: { ...stored, success: false, message, code: 'already_logged_out', request_id: 'request-1' },
  });
  expect(await table.get(item.id)).toEqual(stored);
});

describe("an unknown connection and another caller's get the same 404, by one write that changes nothing", () => {
  const OTHER = '11111111-2222-3333-4444-555555555555';
  const loggedOut = { date_logout: '2026-05-09T17:00:00Z', success: true };

  test.each<[string, object, PutRequest, Item]>([
    ['an id that no item has', { id: OTHER }, {}, {}],
    ['another terminal', { terminal_id: 'T-2' }, {}, {}],
    ['another terminal of one that is logged out', { terminal_id: 'T-2' }, {}, loggedOut],
    [
      'another terminal of one that is logged out at another instant',
      { terminal_id: 'T-2', date_logout: DATE },
      {},
      loggedOut,
    ],
    ["another user's token", {}, { jwt: { sub: OTHER } }, {}],
    ["another user's token for one that is logged out", {}, { jwt: { sub: OTHER } }, loggedOut],
    ['a token without a subject', {}, { jwt: {} }, {}],
  ])('%s', async (_case, fields, request, changes) => {
    const stored = { ...item, ...changes };
    await table.put(stored);
    const before = dynamodb.requests.length;
    expect(await logOut({ body: { id: item.id, ...fields }, ...request })).toEqual({
      statusCode: 404,
      headers: HEADERS,
      body: '{"success":false,"code":"connection_not_found","message":"There is no such connection.","request_id":"request-1"}',
    });
    expect(dynamodb.requests.length - before).toBe(1);
    expect(await table.get(item.id)).toEqual(stored);
  });
});

test('a token whose subject is the stored user logs the connection out', async () => {
  expect(await statusOf({ body: { id: item.id }, jwt: { sub: item.id_user } })).toBe(200);
});

test.each([null, 'PUT', [], {}, { headers: null, requestContext: 5, body: {}, isBase64Encoded: 'yes' }])(
  'an event that the gateway cannot have sent, %j, is 400',
  async (event) => {
    expect((await lambda.invoke(event)).statusCode).toBe(400);
  },
);
