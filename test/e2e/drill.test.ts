import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FAULTS } from '../../infra/drill/faults.ts';
import { isGroupLeft } from '../support/process-group.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** `npm run drill`, in a process group of its own as a terminal would put it, with what it prints. */
function start(args: string[], environment: NodeJS.ProcessEnv = {}) {
  const child: ChildProcess = spawn(process.execPath, ['infra/drill/drill.ts', ...args], {
    cwd: PROJECT,
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { output: '', errors: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed.output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed.errors += text;
  });
  const closed = once(child, 'close').then(([code]) => code as number);
  const kill = (signal: NodeJS.Signals) => process.kill(-(child.pid as number), signal);
  const isLeft = () => isGroupLeft(child.pid as number);
  onTestFinished(() => {
    if (isLeft()) kill('SIGKILL');
  });
  return { printed, closed, kill, isLeft };
}

test('a drill shows what terminals, log, alarms, query and runbook make of it, and that no logout was lost', async () => {
  const { printed, closed, isLeft } = start(['answers-lost']);
  expect(await closed).toBe(0);
  const { output, errors } = printed;
  expect(errors).toBe('');

  const terminals = [
    ...output.matchAll(/^ {2}([TK]-\d{4}) .*? {2}(503 .*?) {2,}✓ logged out, after \S+ s$/gm),
  ];
  expect(terminals.map(([, id]) => id)).toEqual(['T-0412', 'T-0413', 'T-0414', 'T-0401', 'T-0207', 'K-1103']);
  // The write had happened before the first 503: the repeat that gets through finds it.
  for (const [, , answers] of terminals)
    expect(answers).toMatch(/^503 store_unavailable( \d×)?, 200 repeated$/);

  const [, line = ''] = /^Log line {2}.*\n([\s\S]*?)\n\n/m.exec(output) ?? [];
  expect(JSON.parse(line)).toMatchObject({
    stage: 'prod',
    outcome: 'store_unavailable',
    store_attempts: 3,
    cause: { name: 'TimeoutError' },
  });

  expect(output).toMatch(/^ {2}connection-logout-prod-store-unavailable +fires after 3 minutes +over /m);
  expect(output).toMatch(/^ {2}connection-logout-prod-gateway-5xx +fires after 3 minutes +over /m);
  expect(output).toMatch(/^ {2}The mail of store-unavailable: One request in a hundred/m);

  expect(output).toMatch(/^Query {2}connection-logout-prod\/causes, over the function's log: 1 row$/m);
  expect(output).toMatch(
    /^ {2}(outcome +)?store_unavailable +.*TimeoutError|^ {2}cause\.name +TimeoutError$/m,
  );
  expect(output).toMatch(/^Query {2}connection-logout-prod\/one-connection, .*: \d rows$/m);
  expect(output).toMatch(/^ {2}\S+ \S+ {2}repeated +200 /m);

  expect(output).toMatch(/^Runbook {2}docs\/runbook\.md#store_unavailable\n {2}503 with Retry-After/m);
  expect(output).toMatch(
    /^✓ {2}answers-lost +503 store_unavailable +6 of 6 +store-unavailable 3, gateway-5xx 3\b/m,
  );
  expect(output).toMatch(/\nNo logout was lost, none was false, and every fault was told\.\n$/);
  expect(output).not.toContain(PROJECT);
  expect(isLeft()).toBe(false);
});

test('Ctrl-C ends everything', async () => {
  const { printed, closed, kill, isLeft } = start([]);
  await vi.waitFor(() => expect(printed.output).toContain('DynamoDB Local is up'), { timeout: 20_000 });
  kill('SIGINT');
  expect(await closed).toBe(130);
  await vi.waitFor(() => expect(isLeft()).toBe(false), 2_000);
  expect(printed.errors).toBe('');
});

test('a fault that there is not is a sentence with those that there are', async () => {
  const { printed, closed } = start(['rain']);
  expect(await closed).toBe(1);
  expect(printed.errors).toBe(
    `There is no fault "rain". There are: ${FAULTS.map(({ name }) => name).join(', ')}.\n`,
  );
});

test('without Java or Docker it says what to install', async () => {
  const { printed, closed } = start([], { PATH: '' });
  expect(await closed).toBe(1);
  expect(printed.errors).toMatch(/^DynamoDB Local needs Java, .*: install Java/);
});
