import { inject } from 'vitest';
import * as local from '../../tools/local/table.ts';

/**
 * Creates a table that no other test file touches.
 *
 * @param endpoint the URL of its engine. Default: the first of this run.
 */
export const createTable = (endpoint = inject('dynamodbEndpoint')): Promise<local.LocalTable> =>
  local.createTable(endpoint);

/** Every item of a table. */
export async function itemsOf(table: local.LocalTable): Promise<local.Item[]> {
  const items: local.Item[] = [];
  for await (const item of table.scan()) items.push(item);
  return items;
}
