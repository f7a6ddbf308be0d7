import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import * as local from '../../tools/local/table.ts';

/** The shape of the stack's table. */
const TABLE_SHAPE: Parameters<typeof local.createTable>[2] = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
};

/**
 * Creates a table that no other test file touches.
 *
 * @param endpoint the URL of its engine. Default: the first of this run.
 */
export const createTable = (endpoint = inject('dynamodbEndpoint')): Promise<local.LocalTable> =>
  local.createTable(endpoint, `cmd_connection_${randomUUID()}`, TABLE_SHAPE);

/** Every item of a table. */
export async function itemsOf(table: local.LocalTable): Promise<local.Item[]> {
  const items: local.Item[] = [];
  for await (const item of table.scan()) items.push(item);
  return items;
}
