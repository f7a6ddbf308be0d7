import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createDateTime } from '../../../lambda/domain/date-time.ts';
import type { Logout } from '../../../lambda/domain/logout.ts';
import { UTC } from '../../../lambda/domain/time-zone.ts';
import { createClient } from '../../../lambda/storage/client.ts';
import { createConnectionStore } from '../../../lambda/storage/connection-store.ts';

const LOGOUT: Logout = {
  id: '9da91479-03ed-42f5-9827-e03302f1a8e7',
  identity: {},
  receivedAt: createDateTime(Date.UTC(2026, 4, 9, 15), UTC),
  caller: {},
};

const WRITTEN = {
  id: { S: LOGOUT.id },
  date_logout: { S: '2026-05-09T15:00:00Z' },
  success: { BOOL: true },
  terminal_id: { S: 'T-1' },
};

/** A store whose table gives this response each time, what it was sent, and the times that were signed. */
function storeAt(statusCode: number, response: object, headers = {}) {
  const sent: unknown[] = [];
  const signedAt: unknown[] = [];
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = createClient({ region: 'eu-west-1', credentials }, {
    handle: async (request: { body: string; headers: Record<string, string> }) => {
      sent.push(JSON.parse(request.body));
      signedAt.push(request.headers['x-amz-date']);
      const body = new TextEncoder().encode(JSON.stringify(response));
      return { response: { statusCode, headers, body } as never };
    },
  } as never);
  return { store: createConnectionStore(client, 'any'), sent, signedAt };
}

/** One logout there. */
async function logOutAt(statusCode: number, response: object): Promise<{ result: unknown; sent: number }> {
  const { store, sent } = storeAt(statusCode, response);
  const result = await store.logOut(LOGOUT).catch((error: unknown) => error);
  return { result, sent: sent.length };
}

test('the item that the table shows after the write is the result', async () => {
  const huge = { N: '123456789012345678901.5' };
  const { result, sent } = await logOutAt(200, { Attributes: { ...WRITTEN, huge } });
  const date_logout = '2026-05-09T15:00:00Z';
  const connection = { id: LOGOUT.id, date_logout, success: true, terminal_id: 'T-1' };
  expect(result).toEqual({ written: true, connection, attempts: 1 });
  expect(sent).toBe(1);
});

test('a logout is one UpdateItem, whose condition is all that is given and proved', async () => {
  const { store, sent } = storeAt(200, { Attributes: WRITTEN });
  const identity = { locator: 'L-1', terminal_id: undefined };
  await store.logOut({ ...LOGOUT, identity, message: 'bye', caller: { id_user: 'U-1', terminal_id: null } });
  const names = ['id', 'date_logout', 'success', 'message', 'locator', 'id_user'];
  expect(sent).toEqual([
    {
      TableName: 'any',
      Key: { id: { S: LOGOUT.id } },
      UpdateExpression: 'SET #date_logout = :date_logout, #success = :success, #message = :message',
      ConditionExpression:
        'attribute_exists(#id) AND (attribute_not_exists(#date_logout) OR attribute_type(#date_logout, :null) ' +
        'OR #date_logout = :empty OR begins_with(#date_logout, :unset)) ' +
        'AND #locator = :locator AND #id_user = :caller_id_user AND attribute_not_exists(#id)',
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ':null': { S: 'NULL' },
        ':empty': { S: '' },
        ':unset': { S: '0001-' },
        ':date_logout': WRITTEN.date_logout,
        ':success': { BOOL: true },
        ':message': { S: 'bye' },
        ':locator': { S: 'L-1' },
        ':caller_id_user': { S: 'U-1' },
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ]);
});

describe('a success without the item that was written is never a success', () => {
  test.each([
    ['no item', {}],
    ['another id', { Attributes: { ...WRITTEN, id: { S: 'another' } } }],
    ['another date_logout', { Attributes: { ...WRITTEN, date_logout: { S: '2026-05-09T15:00:01Z' } } }],
    ['a date_logout that is not a string', { Attributes: { ...WRITTEN, date_logout: { N: '1' } } }],
    ['success false', { Attributes: { ...WRITTEN, success: { BOOL: false } } }],
    ['no success', { Attributes: { ...WRITTEN, success: undefined } }],
  ])('with %s', async (_case, response) => {
    const { result, sent } = await logOutAt(200, response);
    expect(result).toMatchObject({
      code: 'store_unavailable',
      attempts: 3,
      cause: { name: 'WrongWriteError', message: 'The table responded without the item that it wrote.' },
    });
    expect(sent).toBe(3);
  });
});

const refusal = (Item: unknown) => ({ __type: 'ConditionalCheckFailedException', Item });

const LOGGED_IN = { id: WRITTEN.id, terminal_id: WRITTEN.terminal_id };
const READ = { written: false, connection: { id: LOGOUT.id, terminal_id: 'T-1' }, attempts: 1 };

test.each<[string, object | undefined, object]>([
  ['no item', undefined, { written: false, attempts: 1 }],
  ['no date_logout', LOGGED_IN, { ...READ, isLoggedIn: true }],
  ['NULL for date_logout', { ...LOGGED_IN, date_logout: { NULL: true } }, { ...READ, isLoggedIn: true }],
  ['a number for date_logout', { ...LOGGED_IN, date_logout: { N: '2' } }, { ...READ, isLoggedIn: false }],
  [
    'other types',
    { ...LOGGED_IN, locator: { N: '5' }, success: { S: 'yes' } },
    { ...READ, isLoggedIn: true },
  ],
])('a refusal with %s is read for what it is', async (_case, item, expected) => {
  expect(await logOutAt(400, refusal(item))).toEqual({ result: expected, sent: 1 });
});

test('access that is denied at the first attempt is a defect', async () => {
  const denied = await logOutAt(400, { __type: 'AccessDeniedException' });
  expect(denied).toMatchObject({ result: { code: 'internal_error', attempts: 1 }, sent: 1 });
});

describe('a refusal with an item that cannot be the one is unknown, and not sent again', () => {
  test.each([
    ['another id', { ...WRITTEN, id: { S: 'another' } }],
    ['an id of another type', { ...WRITTEN, id: { N: '1' } }],
    ['an id of a type that DynamoDB does not have', { ...WRITTEN, id: { X: LOGOUT.id } }],
    ['no attributes', {}],
    ['text for its attributes', 'x'],
  ])('with %s', async (_case, item) => {
    const { result, sent } = await logOutAt(400, refusal(item));
    expect(result).toMatchObject({
      code: 'store_unavailable',
      attempts: 1,
      cause: { name: 'WrongItemError', message: 'The table responded with another item.' },
    });
    expect(sent).toBe(1);
  });
});

test('after a signature is refused as expired, the next is made at the time of the table', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 4, 9, 15) });
  onTestFinished(() => void vi.useRealTimers());
  const refusal = { __type: 'InvalidSignatureException', message: 'Signature expired: 20260509T150000Z' };
  const { store, signedAt } = storeAt(400, refusal, { date: 'Sat, 09 May 2026 16:00:00 GMT' });
  await expect(store.logOut(LOGOUT)).rejects.toThrow();
  expect(signedAt).toEqual(['20260509T150000Z', '20260509T160000Z', '20260509T160000Z']);
});

test('a table that keeps throttling is asked three times for each of 150 requests', async () => {
  const { store, sent } = storeAt(400, { __type: 'Throttling' });
  // More than the quota of retries that the SDK's own strategy has.
  const logouts = Array.from({ length: 150 }, () => store.logOut(LOGOUT));
  for (const { status, reason } of (await Promise.allSettled(logouts)) as PromiseRejectedResult[]) {
    expect({ status, attempts: reason.attempts }).toEqual({ status: 'rejected', attempts: 3 });
  }
  expect(sent).toHaveLength(450);
});
