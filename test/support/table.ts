import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
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

/** Reads every item of a table. */
export async function readItems({ endpoint, tableName }: local.LocalTable): Promise<local.Item[]> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, ...local.ANY_CREDENTIALS }), {
    unmarshallOptions: { wrapNumbers: String },
  });
  const items: local.Item[] = [];
  const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) items.push(...Items);
  client.destroy();
  return items;
}
