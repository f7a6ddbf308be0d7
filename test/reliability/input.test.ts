import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type LoadedBundle, loadBundle, takeLines } from '../support/bundle.ts';
import { findLeaks, markedConnection } from '../support/connections.ts';
import { putEvent } from '../support/events.ts';
import { type FaultyDynamoDb, faultyDynamoDb } from '../support/faulty-dynamodb.ts';
import { checkResponse, recordOf, toHttpResponse } from '../support/responses.ts';
import type { LocalTable } from '../support/table.ts';
import { createTable } from '../support/table.ts';
import { IDENTITY, validRequests } from './requests.ts';

let table: LocalTable;
let proxy: FaultyDynamoDb;
let bundle: LoadedBundle;

beforeAll(async () => {
  table = await createTable();
  proxy = await faultyDynamoDb(inject('dynamodbEndpoint'));
  bundle = await loadBundle(proxy.endpoint, table.tableName);
});

afterAll(async () => {
  await proxy.close();
  table.close();
});

test('a request that is valid by construction is 200 and stored as it says, by one write, and so is its repeat', async () => {
  const id = randomUUID();
  await fc.assert(
    fc.asyncProperty(validRequests(id), async ({ event, stored }) => {
      const item = markedConnection({ id, ...IDENTITY });
      await table.put(item);
      const before = proxy.requests.length;
      const response = await bundle.invoke(event);
      expect(proxy.requests.length - before).toBe(1);

      const { status, record } = checkResponse(toHttpResponse(response, event.requestContext.requestId));
      expect(status).toBe(200);
      const now = { date_logout: expect.stringMatching(/^2\d{3}-.*Z$/), ...stored };
      expect(await table.get(id)).toEqual({ ...item, success: true, ...now });
      expect(record).toEqual({ ...recordOf(item), success: true, ...now });

      expect(await bundle.invoke(event)).toEqual(response);
      const lines = takeLines();
      expect(lines).toHaveLength(2);
      expect(findLeaks(lines)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('Middy ends no request early: a logout has its response in the last millisecond of the function too', async () => {
  const item = markedConnection();
  await table.put(item);
  const response = await bundle.invoke(putEvent({ body: { id: item.id } }), 1);
  expect(response).toMatchObject({ statusCode: 200 });
  expect(takeLines()).toHaveLength(1);
});
