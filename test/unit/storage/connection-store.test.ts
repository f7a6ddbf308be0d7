import { describe, expect, test } from 'vitest';
import { createDateTime } from '../../../lambda/domain/date-time.ts';
import type { Logout } from '../../../lambda/domain/logout.ts';
import { UTC } from '../../../lambda/domain/time-zone.ts';
import { createClient } from '../../../lambda/storage/client.ts';
import { type ConnectionStore, createConnectionStore } from '../../../lambda/storage/connection-store.ts';

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

/** A store whose table gives this response each time, and how often it was. */
function storeAt(statusCode: number, response: object): { store: ConnectionStore; sent: () => number } {
  let sent = 0;
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = createClient({ region: 'eu-west-1', credentials }, {
    handle: async () => {
      sent++;
      const body = new TextEncoder().encode(JSON.stringify(response));
      return { response: { statusCode, headers: {}, body } as never };
    },
  } as never);
  return { store: createConnectionStore(client, 'any'), sent: () => sent };
}

/** One logout there. */
async function logOutAt(statusCode: number, response: object): Promise<{ result: unknown; sent: number }> {
  const { store, sent } = storeAt(statusCode, response);
  const result = await store.logOut(LOGOUT).catch((error: unknown) => error);
  return { result, sent: sent() };
}

test('the item that the table shows after the write is the result', async () => {
  const { result, sent } = await logOutAt(200, { Attributes: WRITTEN });
  const connection = {
    id: LOGOUT.id,
    date_logout: '2026-05-09T15:00:00Z',
    success: true,
    terminal_id: 'T-1',
  };
  expect(result).toEqual({ written: true, connection, attempts: 1 });
  expect(sent).toBe(1);
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

describe('a refusal with an item that cannot be the one is unknown, and not sent again', () => {
  const refusal = (Item: unknown) => ({ __type: 'ConditionalCheckFailedException', Item });

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

test('a table that keeps throttling is asked three times for each of 150 requests', async () => {
  const { store, sent } = storeAt(400, { __type: 'Throttling' });
  // More than the quota of retries that the SDK's own strategy has.
  const logouts = Array.from({ length: 150 }, () => store.logOut(LOGOUT));
  for (const { status, reason } of (await Promise.allSettled(logouts)) as PromiseRejectedResult[]) {
    expect({ status, attempts: reason.attempts }).toEqual({ status: 'rejected', attempts: 3 });
  }
  expect(sent()).toBe(450);
});
