import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  paginateScan,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
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
  /** Sets an attribute to a number that JavaScript has no exact value for, written as DynamoDB writes it. */
  putNumber(id: string, attribute: string, digits: string): Promise<void>;
  /** @returns the item, or undefined if there is none; read consistently. */
  get(id: string): Promise<Item | undefined>;
  /** Reads every item of the table, however many there are. */
  scan(): AsyncGenerator<Item>;
  /** Closes the connections to the table. */
  close(): void;
  /** Deletes the table and closes the connections to it. */
  delete(): Promise<void>;
}

/** A number that JavaScript cannot hold is read as the text of its digits. */
const wrapNumbers = (digits: string) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits);

/** What a client needs for a local engine, which takes any region and credentials. */
export const ANY_CREDENTIALS = {
  region: REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** The shape of the table that the stack creates. */
const TABLE_SHAPE: LocalTemplate['table'] = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
};

/**
 * Opens a table that is there, such as the local stack's.
 *
 * @param endpoint the URL of the engine.
 */
export function openTable(endpoint: string, tableName: string): LocalTable {
  const client = new DynamoDBClient({ endpoint, ...ANY_CREDENTIALS });
  const documents = DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers } });
  return {
    tableName,
    endpoint,
    async put(item) {
      await documents.send(new PutCommand({ TableName: tableName, Item: item }));
    },
    async putNumber(id, attribute, digits) {
      const number = NumberValue.from(digits);
      const update = {
        TableName: tableName,
        Key: { id },
        UpdateExpression: 'SET #attribute = :number',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':number': number },
      };
      await documents.send(new UpdateCommand(update));
    },
    async get(id) {
      const answer = await documents.send(
        new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true }),
      );
      return answer.Item;
    },
    async *scan() {
      const pages = paginateScan({ client: documents }, { TableName: tableName, ConsistentRead: true });
      for await (const { Items = [] } of pages) yield* Items;
    },
    close: () => client.destroy(),
    async delete() {
      await client.send(new DeleteTableCommand({ TableName: tableName }));
      client.destroy();
    },
  };
}

/**
 * Creates a table of the shape the stack's has, under a name of its own.
 *
 * @param endpoint the URL of the engine.
 */
export async function createTable(endpoint: string): Promise<LocalTable> {
  const tableName = `cmd_connection_${randomUUID()}`;
  await createEmptyTable(endpoint, tableName);
  return openTable(endpoint, tableName);
}

/**
 * Creates an empty table.
 *
 * @param endpoint the URL of the engine.
 * @param shape its key, as a template has it. Default: that of the stack's.
 */
export async function createEmptyTable(
  endpoint: string,
  tableName: string,
  shape: LocalTemplate['table'] = TABLE_SHAPE,
): Promise<void> {
  const client = new DynamoDBClient({ endpoint, ...ANY_CREDENTIALS });
  await client.send(
    new CreateTableCommand({ TableName: tableName, BillingMode: 'PAY_PER_REQUEST', ...shape }),
  );
  client.destroy();
}
