import type { TestProject } from 'vitest/node';
import { findDatabaseCommand, startDynamoDbLocal } from '../../tools/local/dynamodb-local.ts';
import { freePort } from '../../tools/local/ports.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the DynamoDB Local of this test run; tests take a table of their own: see `table.ts`. */
    dynamodbEndpoint: string;
  }
}

/** The projects whose tests need a table; the others start a second and a half earlier. */
const NEED_TABLE = ['integration', 'e2e', 'reliability'];

/**
 * Vitest's global setup: one DynamoDB Local for the run, on a free port, if a project that runs needs one.
 *
 * @returns what ends it after the last test.
 */
export default async function setup({
  vitest,
  provide,
}: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!vitest.projects.some(({ name }) => NEED_TABLE.includes(name))) return undefined;
  const port = await freePort(0, 'DYNAMODB_PORT');
  const database = await startDynamoDbLocal(await findDatabaseCommand(), port);
  provide('dynamodbEndpoint', database.endpoint);
  return () => database.close();
}
