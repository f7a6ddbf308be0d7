import { expect, onTestFinished, test, vi } from 'vitest';
import { resolveOutcome } from '../../../lambda/domain/logout.ts';
import { readCaller } from '../../../lambda/http/event.ts';
import { createClient } from '../../../lambda/storage/client.ts';
import { createConnectionStore } from '../../../lambda/storage/connection-store.ts';
import { PreconnectAgent } from '../../../lambda/storage/preconnect-agent.ts';
import { createRequestHandler } from '../../../lambda/storage/request-handler.ts';
import { warmUp } from '../../../lambda/storage/warm-up.ts';
import { MADRID, readEvent } from '../http/chain.ts';

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

/** Warms up with a network that does this when the connection is opened. Returns the outcomes of the requests. */
async function warmUpWith(preconnect: PreconnectAgent['preconnect'], endpoint?: string): Promise<string[]> {
  const agent = new PreconnectAgent();
  vi.spyOn(agent, 'preconnect').mockImplementation(preconnect);
  const client = createClient(
    { region: 'eu-west-1', credentials, endpoint },
    createRequestHandler(agent, 1_500),
  );
  const outcomes: string[] = [];
  await warmUp(client, agent, (offlineClient) => async (event) => {
    const caller = readCaller(event, { requiresToken: true, requiresCertificate: true });
    const logout = { ...readEvent(event), caller };
    const write = await createConnectionStore(offlineClient, 'any').logOut(logout);
    outcomes.push(resolveOutcome(write, logout, MADRID).outcome);
  });
  return outcomes;
}

test('a warm-up is one request, which is read and written as one that logs a connection out, whatever callers must prove', async () => {
  expect(await warmUpWith(async () => {})).toEqual(['logged_out']);
});

test('a warm-up opens the connection to the host of the region, and ends when it is open', async () => {
  // Half a second does not pass.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const opened: unknown[] = [];
  await warmUpWith(async (host, port) => {
    await new Promise(setImmediate);
    opened.push(host, port);
  });
  expect(opened).toEqual(['dynamodb.eu-west-1.amazonaws.com', 443]);
});

test('a warm-up waits half a second for a network that is silent, and no longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  let isOver = false;
  const warmedUp = warmUpWith(() => {
    resolve();
    return new Promise(() => {});
  }).then(() => {
    isOver = true;
  });
  await reached;
  // What is left of the call runs without a timer.
  await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(499);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isOver).toBe(true);
  await warmedUp;
});

test('a warm-up whose request fails does not fail the start', async () => {
  await warmUp({} as never, new PreconnectAgent(), () => () => Promise.reject(new Error('failed')));
});

test('a warm-up over plain HTTP opens no connection', async () => {
  const opened: unknown[] = [];
  await warmUpWith(async (host) => void opened.push(host), 'http://127.0.0.1:9');
  expect(opened).toEqual([]);
});
