import { findFreePort } from '../../tools/local/ports.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../tools/local/stack.ts';
import { type Fault, type FaultyDynamoDb, faultyDynamoDb, type StoreRequest } from './faulty-dynamodb.ts';

/** The local stack with a proxy between function and table that makes faults. */
export interface FaultyStack {
  readonly stack: LocalStack;
  readonly proxy: FaultyDynamoDb;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

/**
 * Starts the stack on free ports.
 *
 * @param choose says what happens to each request to the table.
 * @throws what `startLocalStack` throws. Nothing is left running then.
 */
export async function startFaultyStack(
  options: LocalStackOptions,
  choose: (request: StoreRequest) => Fault,
): Promise<FaultyStack> {
  // The function gets the proxy's address when it starts, so that comes first, and the table's port before it.
  const dynamodbPort = await findFreePort(0, 'DYNAMODB_PORT');
  const proxy = await faultyDynamoDb(`http://127.0.0.1:${dynamodbPort}`, choose);
  try {
    const stack = await startLocalStack({ ...options, dynamodbPort, functionEndpoint: proxy.endpoint });
    return {
      stack,
      proxy,
      async close() {
        await Promise.all([stack.close(), proxy.close()]);
      },
    };
  } catch (error) {
    await proxy.close();
    throw error;
  }
}
