import type { TestProject } from 'vitest/node';
import { findDatabaseCommand, startDynamoDbLocal } from '../../infra/local/dynamodb-local.ts';
import { freePort } from '../../infra/local/ports.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the DynamoDB Local of this test run; tests take a table of their own: see `table.ts`. */
    dynamodbEndpoint: string;
  }
}

/**
 * Vitest's global setup for every project that needs a table: one DynamoDB Local for the run, on a free port.
 *
 * @returns what ends it after the last test.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const port = await freePort(0, 'DYNAMODB_PORT');
  const database = await startDynamoDbLocal(await findDatabaseCommand(), port);
  project.provide('dynamodbEndpoint', database.endpoint);
  return () => database.close();
}
