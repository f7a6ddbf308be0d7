import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { dateTimeAt } from '../../lambda/domain/date-time.ts';
import { UTC } from '../../lambda/domain/time-zone.ts';
import {
  documentClient,
  MAX_STORE_ATTEMPTS,
  MAX_STORE_DURATION_MS,
  STORE_LIMITS,
} from '../../lambda/storage/client.ts';
import { connectionStore } from '../../lambda/storage/connection-store.ts';
import { PreconnectAgent } from '../../lambda/storage/preconnect-agent.ts';
import { requestHandler } from '../../lambda/storage/request-handler.ts';
import {
  type Fault,
  faultyDynamoDb,
  halfAnswerThenSilence,
  lateAfter,
  silence,
} from '../../tools/local/faulty-dynamodb.ts';
import { ANY_CREDENTIALS, type LocalTable } from '../../tools/local/table.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;

/** What a busy machine takes beside the limits. */
const SLACK_MS = 1_000;

beforeAll(async () => {
  table = await createTable();
});

afterAll(() => table.delete());

/** What one logout of an open connection came to behind a table that does `fault` each time, and how long it took. */
async function logOutThrough(
  fault: Fault,
  times: number,
): Promise<{ result: unknown; took: number; sent: number }> {
  const proxy = await faultyDynamoDb(inject('dynamodbEndpoint'));
  proxy.script(...Array(times).fill(fault));
  const client = documentClient(
    {
      region: 'eu-west-1',
      credentials: ANY_CREDENTIALS,
      endpoint: proxy.endpoint,
    },
    requestHandler(new PreconnectAgent(), STORE_LIMITS.attemptTimeoutMs),
  );
  const id = randomUUID();
  await table.put({ id });
  const startedAt = performance.now();
  const logout = { id, identity: {}, receivedAt: dateTimeAt(Date.now(), UTC), caller: {} };
  const result = await connectionStore(client, table.tableName)
    .logOut(logout)
    .catch((error: unknown) => error);
  const took = performance.now() - startedAt;
  await proxy.close();
  return { result, took, sent: proxy.requests.length };
}

describe.concurrent('a table that keeps the function waiting', () => {
  test.each([
    ['when it never answers', silence],
    ['when its answers stop in the middle', halfAnswerThenSilence],
  ])('is given up after the last attempt, within the sum of all limits, %s', async (_, fault) => {
    const { result, took, sent } = await logOutThrough(fault, MAX_STORE_ATTEMPTS);
    expect(result).toMatchObject({ code: 'store_unavailable', attempts: MAX_STORE_ATTEMPTS });
    expect(sent).toBe(MAX_STORE_ATTEMPTS);
    expect(took).toBeLessThan(MAX_STORE_DURATION_MS + SLACK_MS);
  });

  test('is asked again when its answer is late, and then shows what the late one wrote', async () => {
    const { result, sent } = await logOutThrough(lateAfter(STORE_LIMITS.attemptTimeoutMs * 2), 1);
    expect(result).toMatchObject({ written: false, isLoggedIn: false, attempts: 2 });
    expect(sent).toBe(2);
  });
});
