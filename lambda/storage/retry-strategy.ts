import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { CONDITION_FAILED, isPermanentError } from './errors.ts';

type RetryStrategy = Extract<DynamoDBClientConfig['retryStrategy'], { recordSuccess: unknown }>;

/**
 * Makes a retry strategy that gives every request the same attempts, whatever happened to those before it. The SDK's own
 * has a quota of retries, to which only a write that succeeds gives back: an environment that sees lost responses and
 * repeats all day would one day send once only. And it takes a failed condition for transient where the table's clock
 * is minutes off.
 *
 * @param retryDelaysMs the longest delays before the second attempt, before the third and so on, each cut by up to half
 *   at random.
 */
export function createRetryStrategy(retryDelaysMs: readonly number[]): RetryStrategy {
  const createToken = (retryCount: number) => {
    const delayMs = (retryDelaysMs[retryCount - 1] ?? 0) * (1 - Math.random() / 2);
    return { getRetryCount: () => retryCount, getRetryDelay: () => delayMs };
  };
  return {
    acquireInitialRetryToken: async () => createToken(0),
    async refreshRetryTokenForRetry(token, { error }) {
      const retryCount = token.getRetryCount() + 1;
      // A failed condition is a result.
      const isFinal = error && (error.name === CONDITION_FAILED || isPermanentError(error));
      if (retryCount > retryDelaysMs.length || isFinal) {
        throw new Error('There is no further attempt.');
      }
      return createToken(retryCount);
    },
    recordSuccess() {},
  };
}
