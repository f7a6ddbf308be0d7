import { randomUUID } from 'node:crypto';
import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createDateTime, parseDateTime } from '../../lambda/domain/date-time.ts';
import type { Logout } from '../../lambda/domain/logout.ts';
import { UTC } from '../../lambda/domain/time-zone.ts';
import { createClient } from '../../lambda/storage/client.ts';
import { type ConnectionStore, createConnectionStore } from '../../lambda/storage/connection-store.ts';
import { PreconnectAgent } from '../../lambda/storage/preconnect-agent.ts';
import { createRequestHandler } from '../../lambda/storage/request-handler.ts';
import { ANY_CREDENTIALS } from '../../tools/local/table.ts';
import { openConnection } from '../support/connections.ts';
import { createTable, type Item, type LocalTable } from '../support/table.ts';

let table: LocalTable;
let store: ConnectionStore;

/** The first write of DynamoDB Local may take longer than the function lets an attempt take. */
const ATTEMPT_TIMEOUT_MS = 60_000;

const RECEIVED_AT = createDateTime(Date.parse('2026-05-09T15:00:00Z'), UTC);

/** A connection that is logged in, in the table. */
async function putLoggedIn(changes: Item = {}): Promise<ReturnType<typeof openConnection>> {
  const item = openConnection(changes);
  await table.put(item);
  return item;
}

function createLogout(id: string, changes: Partial<Logout> = {}): Logout {
  return { id, identity: {}, receivedAt: RECEIVED_AT, caller: {}, ...changes };
}

const parseDate = (text: string) => {
  const date = parseDateTime(text, UTC);
  if (date === undefined) throw new Error(`${text} is not a date`);
  return date;
};

describe.each(inject('engines'))('with a table of $title', ({ endpoint }) => {
  beforeAll(async () => {
    table = await createTable(endpoint);
    const settings = { ...ANY_CREDENTIALS, endpoint };
    store = createConnectionStore(
      createClient(settings, createRequestHandler(new PreconnectAgent(), ATTEMPT_TIMEOUT_MS)),
      table.tableName,
    );
  });

  /** Calls the table past the SDK, in which no object can hold an attribute `__proto__`. */
  async function call(operation: string, input: string): Promise<string> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20260509T150000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=any/20260509/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=any',
      },
      body: `{"TableName":"${table.tableName}",${input}}`,
    });
    expect(response.status).toBe(200);
    return response.text();
  }
  const putItem = (item: string) => call('PutItem', `"Item":${item}`);
  const getItem = (id: string) => call('GetItem', `"Key":{"id":{"S":"${id}"}}`);

  afterAll(() => table.close());

  test.each<[string, Item]>([
    ['absent', {}],
    ['NULL', { date_logout: null }],
    ['an empty string', { date_logout: '' }],
    ['the default of .NET', { date_logout: '0001-01-01T00:00:00' }],
    ['another date of the year 0001', { date_logout: '0001-12-31' }],
  ])('a connection whose date_logout is %s is logged out with the date of the server', async (_, changes) => {
    const item = await putLoggedIn(changes);
    const stored = { ...item, date_logout: RECEIVED_AT.text, success: true };
    expect(await store.logOut(createLogout(item.id))).toEqual({
      written: true,
      connection: stored,
      attempts: 1,
    });
    expect(await table.get(item.id)).toEqual(stored);
  });

  test.each([
    ['a date of the year 0002', '0002-01-01T00:00:00'],
    ['whitespace', ' '],
    ['a number', 20260509],
    ['a boolean', false],
    ['a list', []],
  ])('a connection whose date_logout is %s is logged out, and is left as it is', async (_, date_logout) => {
    const item = await putLoggedIn({ date_logout });
    expect(await store.logOut(createLogout(item.id))).toMatchObject({
      written: false,
      isLoggedIn: false,
      attempts: 1,
    });
    expect(await table.get(item.id)).toEqual(item);
  });

  test('the date and the message that the terminal gives are stored', async () => {
    const { id } = await putLoggedIn({ message: 'hello' });
    const dateLogout = parseDate('2026-05-09T17:00:00.1234567+02:00');
    await store.logOut(createLogout(id, { dateLogout, message: 'bye' }));
    expect(await table.get(id)).toMatchObject({ date_logout: dateLogout.text, message: 'bye' });
  });

  test('attributes that the service does not know are kept, numbers too large for JavaScript among them', async () => {
    const numbers = { huge: NumberValue.from('12345678901234567890.5'), exponent: NumberValue.from('1E+30') };
    const { id } = await putLoggedIn({
      ...numbers,
      counter: 7,
      nested: { list: [1, 'two'] },
      tags: new Set(['a']),
    });
    const stored = await table.get(id);
    expect(await store.logOut(createLogout(id))).toMatchObject({ written: true });
    expect(await table.get(id)).toEqual({ ...stored, date_logout: RECEIVED_AT.text, success: true });
    expect(await store.logOut(createLogout(id))).toMatchObject({ written: false, isLoggedIn: false });
  });

  test.each([
    ['a map', '{"M":{"locator":{"S":"other"}}}'],
    ['a text', '{"S":"x"}'],
    ['a set', '{"NS":["1","12345678901234567890.5"]}'],
  ])(
    'an attribute __proto__ that is %s stays, and changes nothing of the write or its repeat',
    async (_, value) => {
      const id = randomUUID();
      await putItem(`{"id":{"S":"${id}"},"terminal_id":{"S":"T-1"},"__proto__":${value}}`);
      const connection = { id, terminal_id: 'T-1', date_logout: RECEIVED_AT.text, success: true };
      expect(await store.logOut(createLogout(id))).toEqual({ written: true, connection, attempts: 1 });
      const repeat = { written: false, connection, isLoggedIn: false, attempts: 1 };
      expect(await store.logOut(createLogout(id))).toEqual(repeat);
      expect(await getItem(id)).toContain(`"__proto__":${value}`);
    },
  );

  test('an id that no item has is refused without an item, and none is created', async () => {
    const id = randomUUID();
    expect(await store.logOut(createLogout(id))).toEqual({ written: false, attempts: 1 });
    expect(await table.get(id)).toBeUndefined();
  });

  test.each(['locator', 'id_pos_sesion', 'terminal_id', 'terminal_type', 'id_user'] as const)(
    'a %s that is given and differs is refused, with the item as it was',
    async (field) => {
      const item = await putLoggedIn();
      const write = await store.logOut(createLogout(item.id, { identity: { [field]: 'another' } }));
      expect(write).toEqual({ written: false, connection: item, isLoggedIn: true, attempts: 1 });
      expect(await table.get(item.id)).toEqual(item);
    },
  );

  test.each<[string, Logout['caller']]>([
    ['the token of another user', { id_user: randomUUID() }],
    ['a token without a subject', { id_user: null }],
    ['the certificate of another terminal', { terminal_id: 'T-2' }],
    ['no certificate where one is required', { terminal_id: null }],
  ])('%s is refused, even where the item has neither user nor terminal', async (_, caller) => {
    const { id_user, terminal_id, ...without } = openConnection();
    for (const item of [await putLoggedIn(), without]) {
      await table.put(item);
      const write = await store.logOut(createLogout(item.id, { caller }));
      expect(write).toMatchObject({ written: false, isLoggedIn: true });
      expect(await table.get(item.id)).toEqual(item);
    }
  });

  test('the token of the stored user and the certificate of the stored terminal are accepted', async () => {
    const { id, id_user } = await putLoggedIn();
    const caller = { id_user, terminal_id: 'T-1' };
    expect(await store.logOut(createLogout(id, { caller }))).toMatchObject({ written: true });
  });
});
