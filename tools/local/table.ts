import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type LocalTemplate, REGION } from './template.ts';

/** An item in plain JavaScript values, as the document client gives and takes them. */
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
  /** Closes the connections to the table. */
  close(): void;
}

/** What a client needs for a local engine, which takes any region and credentials. */
export const ANY_CREDENTIALS = {
  region: REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/**
 * Opens a table that is there, such as the local stack's.
 *
 * @param endpoint the URL of the engine.
 */
export function openTable(endpoint: string, tableName: string): LocalTable {
  const client = new DynamoDBClient({ endpoint, ...ANY_CREDENTIALS });
  // A number that JavaScript cannot hold is read as the text of its digits.
  const wrapNumbers = (digits: string) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits);
  const documents = DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers } });
  return {
    tableName,
    endpoint,
    async put(item) {
      await documents.send(new PutCommand({ TableName: tableName, Item: item }));
    },
    async get(id) {
      const command = new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true });
      return (await documents.send(command)).Item;
    },
    close: () => client.destroy(),
  };
}

/**
 * Creates an empty table, and opens it.
 *
 * @param endpoint the URL of the engine.
 * @param shape its key, as the template has it.
 */
export async function createTable(
  endpoint: string,
  tableName: string,
  shape: LocalTemplate['table'],
): Promise<LocalTable> {
  const client = new DynamoDBClient({ endpoint, ...ANY_CREDENTIALS });
  await client.send(
    new CreateTableCommand({ TableName: tableName, BillingMode: 'PAY_PER_REQUEST', ...shape }),
  );
  client.destroy();
  return openTable(endpoint, tableName);
}
