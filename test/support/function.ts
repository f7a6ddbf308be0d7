import { randomUUID } from 'node:crypto';
import { inject, vi } from 'vitest';
import { createEnvironment } from '../../tools/local/environment.ts';
import { LocalFunction } from '../../tools/local/function.ts';
import { type CheckedResponse, checkResponse } from './api-document.ts';
import { findLeaks } from './connections.ts';
import { type PutRequest, putEvent } from './events.ts';
import { type FaultyDynamoDb, faultyDynamoDb, type StoreRequest } from './faulty-dynamodb.ts';
import { WAIT } from './server.ts';
import type { LocalTable } from './table.ts';

/** The built function in a process of its own, as the template says, without the gateway in front of it. */
export interface TestFunction {
  /** Every line that it wrote, in the order in which it did. The last may come after the response. */
  readonly output: readonly string[];
  /** Runs it once. */
  invoke(event: unknown): Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;
  /** Ends the process. */
  close(): Promise<void>;
}

/**
 * Starts the function.
 *
 * @param endpoint where it finds DynamoDB.
 * @param variables environment variables in place of the template's.
 */
export async function startFunction(
  endpoint: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<TestFunction> {
  const template = inject('template');
  const output: string[] = [];
  const lambda = new LocalFunction(
    { ...template.function, variables: { ...createEnvironment(template, endpoint), ...variables } },
    (line) => output.push(line),
  );
  await lambda.load();
  return {
    output,
    invoke: async (event) => JSON.parse(await lambda.invoke(event)),
    close: () => lambda.close(),
  };
}

/** The built function in a process of its own, and between it and the table a proxy that makes faults. */
export interface FaultyFunction {
  readonly dynamodb: FaultyDynamoDb;
  readonly lambda: TestFunction;
  /** Sends a logout, also several at once, and holds the response against what the contract says of every response. */
  logOut(request: PutRequest): Promise<LogoutRun>;
  /** Ends it all, once nothing is on its way to the table any more. */
  close(): Promise<void>;
}

/** What came of one logout. */
export interface LogoutRun extends CheckedResponse {
  /** What the table was asked, but for requests that name another item. */
  readonly sent: readonly StoreRequest[];
  /** The one line that the log has of it. */
  readonly line: Readonly<Record<string, unknown>>;
}

/**
 * Starts both.
 *
 * @param variables environment variables of the function in place of the template's.
 */
export async function startFaultyFunction(
  { endpoint, tableName }: LocalTable,
  variables: Readonly<Record<string, string>> = {},
): Promise<FaultyFunction> {
  const dynamodb = await faultyDynamoDb(endpoint);
  const lambda = await startFunction(dynamodb.endpoint, { TABLE_NAME: tableName, ...variables });
  return {
    dynamodb,
    lambda,
    async logOut(request) {
      const { requestId = randomUUID() } = request;
      const before = { requests: dynamodb.requests.length, lines: lambda.output.length };
      const { statusCode: status, headers, body } = await lambda.invoke(putEvent({ ...request, requestId }));

      const text = await vi.waitFor(
        () => {
          const lines = lambda.output.slice(before.lines).filter((line) => line.includes(`"${requestId}"`));
          if (lines.length !== 1) throw new Error(`There must be one line: ${lines.join('\n')}`);
          return String(lines);
        },
        { ...WAIT, interval: 5 },
      );
      const checked = checkResponse({ status, headers: { ...headers, 'apigw-requestid': requestId }, body });
      const leaked = findLeaks(checked.record ? [text] : [text, body]);
      if (leaked.length > 0) throw new Error(`A marked value leaked into: ${leaked.join('\n')}`);
      const line = JSON.parse(text);
      const id = line.connection_id;
      const sent = dynamodb.requests
        .slice(before.requests)
        .filter(({ input }) => (input.Key?.id?.S ?? id) === id);
      return { ...checked, sent, line };
    },
    async close() {
      await lambda.close();
      await dynamodb.settled();
      await dynamodb.close();
    },
  };
}
