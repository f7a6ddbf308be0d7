import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { dateTimeAt, parseDateTime } from '../../lambda/domain/date-time.ts';
import type { Logout } from '../../lambda/domain/logout.ts';
import { UTC } from '../../lambda/domain/time-zone.ts';
import { documentClient } from '../../lambda/storage/client.ts';
import { type ConnectionStore, connectionStore } from '../../lambda/storage/connection-store.ts';
import { EarlyAgent } from '../../lambda/storage/early-agent.ts';
import {
  emptyAnswer,
  type FaultyDynamoDb,
  fail,
  failAfterWrite,
  faultyDynamoDb,
  halfAnswer,
  loseAnswer,
  notJson,
  reset,
} from '../../tools/local/faulty-dynamodb.ts';
import { ANY_CREDENTIALS, type Item, type LocalTable } from '../../tools/local/table.ts';
import { openConnection } from '../../tools/soak/connections.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let proxy: FaultyDynamoDb;
let store: ConnectionStore;

beforeAll(async () => {
  table = await createTable();
  proxy = await faultyDynamoDb(inject('dynamodbEndpoint'));
  const client = documentClient(
    {
      region: 'eu-west-1',
      credentials: ANY_CREDENTIALS,
      endpoint: proxy.endpoint,
    },
    new EarlyAgent(),
  );
  store = connectionStore(client, table.tableName);
});

afterEach(() => proxy.script());

afterAll(async () => {
  await proxy.close();
  await table.delete();
});

const RECEIVED_AT = dateTimeAt(Date.parse('2026-05-09T15:00:00Z'), UTC);

/** A connection that is logged in, in the table. */
async function loggedIn(changes: Item = {}): Promise<ReturnType<typeof openConnection>> {
  const item = openConnection(changes);
  await table.put(item);
  return item;
}

function logoutOf(id: string, changes: Partial<Logout> = {}): Logout {
  return { id, identity: {}, receivedAt: RECEIVED_AT, ...changes };
}

const instant = (text: string) => {
  const date = parseDateTime(text, UTC);
  if (date === undefined) throw new Error(`${text} is no date`);
  return date;
};

test('the write is one UpdateItem, with one condition, and asks for the item as it is after or was before', async () => {
  const { id } = await loggedIn();
  const before = proxy.requests.length;
  await store.logOut(
    logoutOf(id, {
      identity: { terminal_id: 'T-1', locator: 'L-1' },
      message: 'bye',
      caller: { subject: randomUUID() },
    }),
  );
  expect(proxy.requests.slice(before)).toEqual([
    {
      operation: 'UpdateItem',
      input: {
        TableName: table.tableName,
        Key: { id: { S: id } },
        UpdateExpression: 'SET #date_logout = :date_logout, #success = :success, #message = :message',
        ConditionExpression:
          'attribute_exists(#id) AND (attribute_not_exists(#date_logout) OR attribute_type(#date_logout, :null))' +
          ' AND #terminal_id = :terminal_id AND #locator = :locator AND #id_user = :caller',
        ExpressionAttributeNames: {
          '#id': 'id',
          '#date_logout': 'date_logout',
          '#success': 'success',
          '#terminal_id': 'terminal_id',
          '#locator': 'locator',
          '#message': 'message',
          '#id_user': 'id_user',
        },
        ExpressionAttributeValues: {
          ':null': { S: 'NULL' },
          ':date_logout': { S: '2026-05-09T15:00:00Z' },
          ':success': { BOOL: true },
          ':terminal_id': { S: 'T-1' },
          ':locator': { S: 'L-1' },
          ':message': { S: 'bye' },
          ':caller': { S: expect.any(String) },
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
  ]);
});

test.each([
  ['absent', {}],
  ['of type NULL', { date_logout: null }],
])('a connection whose date_logout is %s is logged in, and is logged out', async (_, changes) => {
  const item = await loggedIn(changes);
  const write = await store.logOut(logoutOf(item.id));
  const stored = { ...item, date_logout: RECEIVED_AT.text, success: true };
  expect(write).toEqual({ written: true, connection: stored, attempts: 1 });
  expect(await table.get(item.id)).toEqual(stored);
});

test('the date that the terminal gives is stored in place of the server clock', async () => {
  const { id } = await loggedIn();
  await store.logOut(logoutOf(id, { dateLogout: instant('2026-05-09T17:00:00.1234567+02:00') }));
  expect(await table.get(id)).toMatchObject({ date_logout: '2026-05-09T17:00:00.1234567+02:00' });
});

test('a message that is not given leaves the stored one', async () => {
  const { id } = await loggedIn({ message: 'hello' });
  await store.logOut(logoutOf(id));
  expect(await table.get(id)).toMatchObject({ message: 'hello' });
});

test('attributes that the service does not know are kept, numbers too large for JavaScript among them', async () => {
  const unknown = { counter: 7, nested: { list: [1, 'two'] }, tags: new Set(['a']) };
  const { id } = await loggedIn(unknown);
  await table.putNumber(id, 'huge', '12345678901234567890.5');
  await table.putNumber(id, 'exponent', '1E+30');
  expect(await store.logOut(logoutOf(id))).toMatchObject({ written: true });
  const kept = { ...unknown, huge: '12345678901234567890.5', exponent: '1E+30' };
  expect(await table.get(id)).toMatchObject(kept);
  expect(await store.logOut(logoutOf(id))).toMatchObject({ written: false, isLoggedIn: false });
});

test('an id that no item has is refused without an item, and none is created', async () => {
  const id = randomUUID();
  expect(await store.logOut(logoutOf(id))).toEqual({ written: false, attempts: 1 });
  expect(await table.get(id)).toBeUndefined();
});

test.each(['locator', 'id_pos_sesion', 'terminal_id', 'terminal_type', 'id_user'] as const)(
  'a %s that is given and differs is refused, with the item as it was',
  async (field) => {
    const item = await loggedIn();
    const write = await store.logOut(logoutOf(item.id, { identity: { [field]: 'another' } }));
    expect(write).toEqual({ written: false, connection: item, isLoggedIn: true, attempts: 1 });
    expect(await table.get(item.id)).toEqual(item);
  },
);

test.each([
  ['another user', { subject: randomUUID() }],
  ['nobody, even where the item has no user', {}],
])('a token of %s is refused, with one write', async (_, caller) => {
  const { id_user, ...item } = await loggedIn();
  await table.put(item);
  const before = proxy.requests.length;
  expect(await store.logOut(logoutOf(item.id, { caller }))).toMatchObject({
    written: false,
    isLoggedIn: true,
  });
  expect(proxy.requests.length - before).toBe(1);
  expect(await table.get(item.id)).toEqual(item);
});

test('a token of the stored user is accepted', async () => {
  const { id, id_user } = await loggedIn();
  expect(await store.logOut(logoutOf(id, { caller: { subject: id_user } }))).toMatchObject({
    written: true,
  });
});

test('a connection that is logged out is refused, with the item as it is', async () => {
  const { id } = await loggedIn();
  await store.logOut(logoutOf(id));
  const stored = await table.get(id);
  const write = await store.logOut(logoutOf(id, { message: 'again', dateLogout: instant('2026-05-10') }));
  expect(write).toEqual({ written: false, connection: stored, isLoggedIn: false, attempts: 1 });
  expect(await table.get(id)).toEqual(stored);
});

test('attributes of another type count as absent; a date_logout of another type as logged out', async () => {
  const { id } = await loggedIn({ locator: 5, message: ['x'], success: 'yes', date_logout: 20260509 });
  const write = await store.logOut(logoutOf(id));
  expect(write).toMatchObject({ written: false, isLoggedIn: false });
  expect(Object.keys(write.connection ?? {})).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(locator|message|success|date_logout)$/)]),
  );
});

test.each([
  ['the connection broke after the write', loseAnswer],
  ['an HTTP 500 came after the write', failAfterWrite(500, 'InternalServerError')],
  ['the answer broke off in the middle', halfAnswer],
])('when %s, the second attempt finds the item logged out by the first', async (_, fault) => {
  const { id } = await loggedIn();
  proxy.script(fault);
  const write = await store.logOut(logoutOf(id));
  expect(write).toMatchObject({ written: false, isLoggedIn: false, attempts: 2 });
  expect(write.connection).toMatchObject({ date_logout: RECEIVED_AT.text });
});

test.each([
  ['ThrottlingException', fail(400, 'ThrottlingException')],
  ['ProvisionedThroughputExceededException', fail(400, 'ProvisionedThroughputExceededException')],
  ['a reset connection', reset],
  ['HTTP 503', fail(503, 'ServiceUnavailable')],
])('%s twice is survived: the third attempt writes', async (_, fault) => {
  const { id } = await loggedIn();
  proxy.script(fault, fault);
  expect(await store.logOut(logoutOf(id))).toMatchObject({ written: true, attempts: 3 });
});

test.each([
  ['throttles for ever', [400, 'ThrottlingException'], 3],
  ['throttles a partition for ever', [400, 'ProvisionedThroughputExceededException'], 3],
  ['limits requests', [400, 'RequestLimitExceeded'], 3],
  ['is in a transaction', [400, 'TransactionConflictException'], 1],
  ['fails for ever', [500, 'InternalServerError'], 3],
  ['is not there', [503, 'ServiceUnavailable'], 3],
] as const)(
  'a table that %s is unavailable, after every attempt that may help',
  async (_, [status, type], attempts) => {
    const { id } = await loggedIn();
    const fault = fail(status, type);
    proxy.script(fault, fault, fault);
    await expect(store.logOut(logoutOf(id))).rejects.toMatchObject({
      code: 'store_unavailable',
      facts: { store_attempts: attempts },
    });
  },
);

test('a table that fails for hours is asked three times for each request, to the last', async () => {
  const table = await faultyDynamoDb('http://127.0.0.1:9', () => fail(400, 'Throttling'));
  const { endpoint } = table;
  const client = documentClient(
    { region: 'eu-west-1', credentials: ANY_CREDENTIALS, endpoint },
    new EarlyAgent(),
  );
  const busy = connectionStore(client, 'any');
  // More than the quota of retries that the SDK's own strategy has.
  const errors = await Promise.all(
    Array.from({ length: 150 }, () => busy.logOut(logoutOf(randomUUID())).catch((error: unknown) => error)),
  );
  await table.close();
  for (const error of errors) {
    expect(error).toMatchObject({ code: 'store_unavailable', facts: { store_attempts: 3 } });
  }
});

test.each([
  ['no JSON', notJson],
  ['JSON without the item', emptyAnswer],
])('an answer of %s cannot be read: whether the write happened is unknown', async (_, fault) => {
  const { id } = await loggedIn();
  proxy.script(fault);
  await expect(store.logOut(logoutOf(id))).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(await store.logOut(logoutOf(id))).toMatchObject({ written: false, isLoggedIn: false });
});

test.each([
  ['AccessDeniedException', fail(400, 'AccessDeniedException')],
  ['UnrecognizedClientException', fail(400, 'UnrecognizedClientException')],
  ['ValidationException', fail(400, 'ValidationException')],
  ['ResourceNotFoundException', fail(400, 'ResourceNotFoundException')],
])('%s is a defect, and is sent once', async (name, fault) => {
  const { id } = await loggedIn();
  const before = proxy.requests.length;
  proxy.script(fault);
  await expect(store.logOut(logoutOf(id))).rejects.toMatchObject({ name });
  expect(proxy.requests.length - before).toBe(1);
});

test('a port that nobody listens on is unavailable', async () => {
  const client = documentClient(
    {
      region: 'eu-west-1',
      credentials: ANY_CREDENTIALS,
      endpoint: 'http://127.0.0.1:9',
    },
    new EarlyAgent(),
  );
  await expect(connectionStore(client, 'any').logOut(logoutOf(randomUUID()))).rejects.toMatchObject({
    code: 'store_unavailable',
    cause: { code: 'ECONNREFUSED' },
  });
});
