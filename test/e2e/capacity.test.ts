import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { LOG_BYTES, MEASURED } from '../../infra/capacity/assumptions.ts';
import { sampleConnections } from '../../infra/local/samples.ts';
import { putEvent } from '../support/events.ts';
import { startFunction, type TestFunction } from '../support/function.ts';
import { createTable, type TestTable } from '../support/table.ts';

let table: TestTable;
let lambda: TestFunction;
beforeAll(async () => {
  table = await createTable();
  lambda = await startFunction(inject('dynamodbEndpoint'), { TABLE_NAME: table.tableName });
});
afterAll(async () => {
  await lambda.close();
  await table.delete();
});

/** DynamoDB's rule for strings and booleans: the bytes of the name and of the value, a boolean being one. */
const itemBytes = (item: Record<string, unknown>) =>
  Object.entries(item).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : 1),
    0,
  );

test('docs/capacity.md counts the bytes that a logout leaves behind, to five percent', async () => {
  const [connection] = sampleConnections(new Date());
  await table.put(connection as Parameters<TestTable['put']>[0]);
  const body = { ...connection, date_logout: '2026-05-09T17:00:00.1234567+02:00', date_login: null };
  await lambda.invoke(putEvent({ body, requestId: 'EwpZAN3SqZhVE30=' }));
  await lambda.invoke(putEvent({ body, requestId: 'EwpZAN3SqZhVE30=' }));

  const line = lambda.output.filter((text) => text.includes('"outcome"')).at(-1) ?? '';
  expect(Math.abs(Buffer.byteLength(`${line}\n`) / LOG_BYTES.function - 1)).toBeLessThan(0.05);
  const item = await table.get(String(connection.id));
  expect(Math.abs(itemBytes(item ?? {}) / MEASURED.item - 1)).toBeLessThan(0.05);
});
