import type { RequestListener } from 'node:http';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CREDENTIALS } from '../../support/authorizer.ts';
import { serve } from '../../support/server.ts';

/** The limits in milliseconds that were asked for. Each passes a thousand times faster. */
let limits: number[] = [];

beforeEach(() => {
  for (const [name, value] of Object.entries(CREDENTIALS)) vi.stubEnv(name, value);
  limits = [];
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    limits.push(milliseconds);
    return timeout.call(AbortSignal, milliseconds / 1000);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test.each(['none', 'token', 'certificate'])(
  'with PROBE_AUTH=%s the probe waits for a response as long as the function may take, and then fails',
  async (auth) => {
    const { handler } = await import('../../../lambda/watch/probe.ts');
    vi.stubEnv('PROBE_URL', await serve(() => {}));
    vi.stubEnv('PROBE_AUTH', auth);
    await expect(handler()).rejects.toThrow(/aborted/);
    expect(limits).toEqual([10_000]);
  },
);

test('the probe makes a connection of its own each time, which checks name and certificate', async () => {
  const { handler } = await import('../../../lambda/watch/probe.ts');
  const ports = new Set<number | undefined>();
  const listener: RequestListener = ({ socket }, response) => {
    ports.add(socket.remotePort);
    response.writeHead(404).end('{"code":"connection_not_found"}');
  };
  vi.stubEnv('PROBE_URL', await serve(listener));
  vi.stubEnv('PROBE_AUTH', 'none');
  vi.mocked(AbortSignal.timeout).mockRestore();
  await handler();
  await handler();
  expect(ports.size).toBe(2);
});

test('an invocation may take as long as the worst start and the function together', async () => {
  const { invokeFunction } = await import('../../../lambda/watch/invoke.ts');
  const client = new LambdaClient({ endpoint: await serve(() => {}), maxAttempts: 1 });
  await expect(invokeFunction(client, 'function', 'request-1')).rejects.toThrow(/abort/i);
  expect(limits).toEqual([20_000]);
});

test('the hook repeats a report for 20 seconds that is denied, and then fails', async () => {
  const { handler } = await import('../../../lambda/watch/hook.ts');
  vi.stubEnv('VERSION_ARN', 'function');
  vi.spyOn(LambdaClient.prototype, 'send').mockRejectedValue(new Error('denied') as never);
  vi.spyOn(console, 'error').mockImplementation(() => {});
  let now = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  const report = vi.spyOn(CodeDeployClient.prototype, 'send').mockImplementation(() => {
    now += 10_000;
    throw Object.assign(new Error('Not yet.'), { name: 'AccessDeniedException' });
  });
  await expect(handler({ DeploymentId: 'd', LifecycleEventHookExecutionId: 'h' })).rejects.toThrow(
    'Not yet.',
  );
  expect(report).toHaveBeenCalledTimes(2);
});

test('the hook repeats an invocation that is denied, since the right to it may be seconds old', async () => {
  const { handler } = await import('../../../lambda/watch/hook.ts');
  vi.stubEnv('VERSION_ARN', 'function');
  const response = JSON.stringify({ statusCode: 404, body: '{"code":"connection_not_found"}' });
  vi.spyOn(LambdaClient.prototype, 'send')
    .mockRejectedValueOnce(Object.assign(new Error('Not yet.'), { name: 'AccessDeniedException' }) as never)
    .mockResolvedValue({ Payload: { transformToString: () => response } } as never);
  const report = vi.spyOn(CodeDeployClient.prototype, 'send').mockResolvedValue({} as never);
  const before = performance.now();
  await handler({ DeploymentId: 'd', LifecycleEventHookExecutionId: 'h' });
  expect(performance.now() - before).toBeGreaterThan(900);
  expect(report.mock.lastCall?.[0].input).toMatchObject({ status: 'Succeeded' });
});

test('the hook waits 5 seconds for the response to a report, and does not repeat one that times out', async () => {
  const { handler } = await import('../../../lambda/watch/hook.ts');
  vi.stubEnv('AWS_ENDPOINT_URL_CODEDEPLOY', await serve(() => {}));
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const report = vi.spyOn(CodeDeployClient.prototype, 'send');
  await expect(handler({ DeploymentId: 'd', LifecycleEventHookExecutionId: 'h' })).rejects.toThrow(/abort/i);
  expect(limits).toEqual([5_000]);
  expect(report).toHaveBeenCalledOnce();
});
