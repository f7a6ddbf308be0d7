import { expect, onTestFinished, test, vi } from 'vitest';
import { MAX_STORE_DURATION_MS, STORE_LIMITS } from '../../../lambda/storage/client.ts';
import { createRetryStrategy } from '../../../lambda/storage/retry-strategy.ts';

const throttled = () => ({ errorType: 'THROTTLING', error: new Error('any') }) as never;

/** The delays before the second attempt, the third and so on, for one value of the random number. */
async function delaysMs(random: number): Promise<number[]> {
  const spy = vi.spyOn(Math, 'random').mockReturnValue(random);
  onTestFinished(() => spy.mockRestore());
  const strategy = createRetryStrategy(STORE_LIMITS.retryDelaysMs);
  let token = await strategy.acquireInitialRetryToken('any');
  const delays: number[] = [];
  while (delays.length < STORE_LIMITS.retryDelaysMs.length) {
    token = await strategy.refreshRetryTokenForRetry(token, throttled());
    expect(token.getRetryCount()).toBe(delays.push(token.getRetryDelay()));
  }
  await expect(strategy.refreshRetryTokenForRetry(token, throttled())).rejects.toThrow('no further attempt');
  return delays;
}

test('the store has three attempts of 1.5 s and 4.9 s in all', () => {
  expect(STORE_LIMITS).toEqual({ attemptTimeoutMs: 1_500, retryDelaysMs: [100, 300] });
  expect(MAX_STORE_DURATION_MS).toBe(4_900);
});

test('the delays between attempts are at most 100 and 300 ms, and cut by up to half at random', async () => {
  expect(await delaysMs(0)).toEqual([100, 300]);
  expect(await delaysMs(0.5)).toEqual([75, 225]);
  expect(await delaysMs(1)).toEqual([50, 150]);
});
