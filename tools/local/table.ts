import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type LocalTemplate, REGION } from './template.ts';

/** What a client needs for a local engine, which takes any region and credentials. */
export const ANY_CREDENTIALS = {
  region: REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/**
 * Creates an empty table.
 *
 * @param endpoint the URL of the engine.
 * @param shape its key, as the template has it.
 */
export async function createTable(
  endpoint: string,
  tableName: string,
  shape: LocalTemplate['table'],
): Promise<void> {
  const client = new DynamoDBClient({ endpoint, ...ANY_CREDENTIALS });
  await client.send(
    new CreateTableCommand({ TableName: tableName, BillingMode: 'PAY_PER_REQUEST', ...shape }),
  );
  client.destroy();
}

/** Writes items in plain JavaScript values, in place of those with the same `id`. */
export async function putItems(
  endpoint: string,
  tableName: string,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, ...ANY_CREDENTIALS }));
  await Promise.all(items.map((Item) => client.send(new PutCommand({ TableName: tableName, Item }))));
  client.destroy();
}
