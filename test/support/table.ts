import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import * as local from '../../tools/local/table.ts';

/** An item in plain JavaScript values. */
export type Item = Record<string, unknown>;

/** A table of a local engine. */
export interface LocalTable {
  readonly tableName: string;
  /** The URL of the engine. */
  readonly endpoint: string;
  /** Writes the item, in place of any with the same `id`. */
  put(item: Item): Promise<void>;
  /** @returns the item, or undefined if there is none; read consistently. */
  get(id: string): Promise<Item | undefined>;
  /** Reads every item. */
  scan(): Promise<Item[]>;
  /** Closes the connections to the table. */
  close(): void;
}

/** A number that JavaScript cannot hold is read as the text of its digits. */
const wrapNumbers = (digits: string) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits);

/** Opens a table that is there. */
export function openTable(endpoint: string, tableName: string): LocalTable {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, ...local.ANY_CREDENTIALS }), {
    unmarshallOptions: { wrapNumbers },
  });
  const input = { TableName: tableName, ConsistentRead: true };
  return {
    tableName,
    endpoint,
    async put(item) {
      await client.send(new PutCommand({ TableName: tableName, Item: item }));
    },
    get: async (id) => (await client.send(new GetCommand({ ...input, Key: { id } }))).Item,
    scan: async () =>
      (await Array.fromAsync(paginateScan({ client }, input))).flatMap(({ Items = [] }) => Items),
    close: () => client.destroy(),
  };
}

/**
 * Creates a table that no other test file touches.
 *
 * @param endpoint the URL of its engine. Default: the first of this run.
 */
export async function createTable(endpoint = inject('dynamodbEndpoint')): Promise<LocalTable> {
  const tableName = `cmd_connection_${randomUUID()}`;
  await local.createTable(endpoint, tableName, {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  });
  return openTable(endpoint, tableName);
}
