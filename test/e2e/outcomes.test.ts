import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type FaultyDynamoDb, fail, faultyDynamoDb, notJson } from '../../tools/local/faulty-dynamodb.ts';
import type { LocalTable } from '../../tools/local/table.ts';
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

/** The ten fields of the item as an answer has them, in their order. */
const recordOf = (changes: object) => {
  const { id, locator, id_pos_sesion, terminal_id, message, date_login, terminal_type, id_user } = item;
  const unset = { success: true, date_logout: DATE };
  return Object.assign(
    { id, locator, id_pos_sesion, terminal_id, success: true, message, date_login },
    { date_logout: unset.date_logout, terminal_type, id_user },
    changes,
  );
};

describe('every outcome, its exact body and headers', () => {
  test('200 logged_out: the ten fields as they are now stored, and nothing else', async () => {
    const answer = await logOut({ body: { id: item.id, date_logout: DATE, message: 'bye' } });
    expect(answer).toEqual({
      statusCode: 200,
      headers: HEADERS,
      body: JSON.stringify(recordOf({ message: 'bye' })),
    });
    expect(await table.get(item.id)).toEqual({ ...item, message: 'bye', date_logout: DATE, success: true });
  });

  test('200 repeated: the same bytes, without a date or with the same instant; a new message is not stored', async () => {
    const first = await logOut({ body: { id: item.id, date_logout: DATE } });
    const repeats = [
      { id: item.id },
      { id: item.id, date_logout: '2026-05-09T15:00:00.1234567Z' },
      { id: item.id, date_logout: DATE, message: 'again' },
    ];
    for (const body of repeats) expect(await logOut({ body })).toEqual(first);
    expect(await table.get(item.id)).toEqual({ ...item, date_logout: DATE, success: true });
  });

  test('where the item has no value, the answer holds what a .NET server sends for one that was never set', async () => {
    await table.put({ id: item.id });
    const { body } = await logOut({ body: { id: item.id, date_logout: DATE } });
    expect(body).toBe(
      `{"id":"${item.id}","locator":null,"id_pos_sesion":"00000000-0000-0000-0000-000000000000",` +
        `"terminal_id":null,"success":true,"message":null,"date_login":"0001-01-01T00:00:00",` +
        `"date_logout":"${DATE}","terminal_type":null,"id_user":"00000000-0000-0000-0000-000000000000"}`,
    );
    expect((await logOut({ body })).statusCode).toBe(200);
  });

  test('409 already_logged_out: the stored record, success false, the sentence, then code and request id', async () => {
    await logOut({ body: { id: item.id, date_logout: DATE } });
    const answer = await logOut({ body: { id: item.id, date_logout: '2026-05-09T17:00:00.1234568+02:00' } });
    const message = 'The connection was already logged out at another time.';
    const record = recordOf({ success: false, message });
    expect(answer).toEqual({
      statusCode: 409,
      headers: HEADERS,
      body: JSON.stringify({ ...record, code: 'already_logged_out', request_id: 'request-1' }),
    });
    expect(await table.get(item.id)).toEqual({ ...item, date_logout: DATE, success: true });
  });

  test('404 connection_not_found: one and the same for no such id, a wrong identity and another caller', async () => {
    const answers = [
      await logOut({ body: { id: '11111111-2222-3333-4444-555555555555' } }),
      await logOut({ body: { id: item.id, locator: 'L-2' } }),
      await logOut({ body: { id: item.id }, jwt: { sub: '11111111-2222-3333-4444-555555555555' } }),
      await logOut({ body: { id: item.id }, jwt: { sub: 'no guid' } }),
      await logOut({ body: { id: item.id }, jwt: {} }),
    ];
    for (const answer of answers) {
      expect(answer).toEqual({
        statusCode: 404,
        headers: HEADERS,
        body: '{"success":false,"code":"connection_not_found","message":"There is no such connection.","request_id":"request-1"}',
      });
    }
    expect(await table.get(item.id)).toEqual(item);
  });

  test('a token whose subject is the stored user logs the connection out', async () => {
    const sub = `{${item.id_user.toUpperCase()}}`;
    expect((await logOut({ body: { id: item.id }, jwt: { sub } })).statusCode).toBe(200);
  });

  test('400 malformed_body', async () => {
    expect(await logOut({ body: '{"id":' })).toEqual({
      statusCode: 400,
      headers: HEADERS,
      body: '{"success":false,"code":"malformed_body","message":"The body is not a JSON object.","request_id":"request-1"}',
    });
  });

  test('400 invalid_connection: every wrong field, in the order of the record', async () => {
    const answer = await logOut({ body: { id_user: 'x', success: 'yes', locator: [], date_login: 'noon' } });
    expect(answer).toEqual({
      statusCode: 400,
      headers: HEADERS,
      body: JSON.stringify({
        success: false,
        code: 'invalid_connection',
        message: 'These fields are wrong: id, locator, success, date_login, id_user.',
        request_id: 'request-1',
        errors: [
          { field: 'id', message: 'id is required.' },
          { field: 'locator', message: 'locator must be a string or a number, of at most 256 characters.' },
          { field: 'success', message: 'success must be true or false.' },
          {
            field: 'date_login',
            message:
              'date_login must be a date that exists, of the years 0002 to 9999, such as 2026-05-09T17:00:00+02:00.',
          },
          {
            field: 'id_user',
            message: 'id_user must be a GUID, such as 9da91479-03ed-42f5-9827-e03302f1a8e7.',
          },
        ],
      }),
    });
  });

  test('413 body_too_large, before all else', async () => {
    expect(await logOut({ body: 'x'.repeat(65_537), contentType: 'image/png' })).toEqual({
      statusCode: 413,
      headers: HEADERS,
      body: '{"success":false,"code":"body_too_large","message":"The body is larger than 64 KiB.","request_id":"request-1"}',
    });
  });

  test('415 unsupported_media_type', async () => {
    expect(await logOut({ body: '<id/>', contentType: 'application/xml' })).toEqual({
      statusCode: 415,
      headers: HEADERS,
      body:
        '{"success":false,"code":"unsupported_media_type",' +
        '"message":"The Content-Type must be application/json, text/json or application/x-www-form-urlencoded.",' +
        '"request_id":"request-1"}',
    });
  });

  test('500 internal_error: nothing of the cause', async () => {
    dynamodb.script(fail(400, 'AccessDeniedException'));
    expect(await logOut({ body: { id: item.id } })).toEqual({
      statusCode: 500,
      headers: HEADERS,
      body: '{"success":false,"code":"internal_error","message":"The service has a defect.","request_id":"request-1"}',
    });
  });

  test('503 store_unavailable, to be repeated after a second; the repeat settles it', async () => {
    dynamodb.script(notJson, notJson, notJson);
    expect(await logOut({ body: { id: item.id } })).toEqual({
      statusCode: 503,
      headers: { ...HEADERS, 'retry-after': '1' },
      body:
        '{"success":false,"code":"store_unavailable","message":"The connection may or may not have been logged out. ' +
        'Repeating the request is safe and settles it.","request_id":"request-1"}',
    });
    expect((await logOut({ body: { id: item.id } })).statusCode).toBe(200);
  });
});

test('the answer of every outcome is text/json where that is asked for', async () => {
  const accept = 'text/json, application/json;q=0.9';
  const answers = [
    await logOut({ accept, body: { id: item.id } }),
    await logOut({ accept, body: { id: item.id, date_logout: DATE } }),
    await logOut({ accept, body: {} }),
    await logOut({ accept, body: 'x'.repeat(65_537) }),
  ];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 409, 400, 413]);
  for (const { headers } of answers) expect(headers['content-type']).toBe('text/json; charset=utf-8');
});
