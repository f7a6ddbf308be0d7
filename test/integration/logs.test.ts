import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { logsCommand } from '../../tools/logs/logs.ts';
import { type FakeLogs, fakeCloudWatchLogs } from '../support/fake-cloudwatch-logs.ts';
import { runInProcess } from '../support/run-in-process.ts';

const FUNCTION_LOG = 'connection-logout-test-LogoutLog';
const ACCESS_LOG = '/aws/vendedlogs/connection-logout-test/abc';
const LINE = {
  status: 503,
  outcome: 'store_unavailable',
  request_id: 'abc=',
  latency_ms: 12.3,
  cause: { name: 'TimeoutError', stack: 'at a\nat b' },
  _aws: { Timestamp: 1 },
};
const ACCESS_LINE = { status: '503', request_id: 'abc=', path: '/api', error: '-' };

/** A fake of CloudWatch Logs with the lines of two requests, and what a command needs to find it. */
async function startFake(change: (logs: FakeLogs) => void = () => {}) {
  const now = Date.now();
  const other = JSON.stringify({ ...LINE, request_id: 'other=' });
  const logs: FakeLogs = {
    queries: [
      { name: 'connection-logout-test/a', queryString: '', logGroupNames: [FUNCTION_LOG, ACCESS_LOG] },
      { name: 'connection-logout-test/b', queryString: '', logGroupNames: [FUNCTION_LOG] },
      { name: 'connection-logout-other/a', queryString: '', logGroupNames: ['other'] },
    ],
    events: [
      { logGroupName: ACCESS_LOG, timestamp: now - 1_000, message: JSON.stringify(ACCESS_LINE) },
      { logGroupName: FUNCTION_LOG, timestamp: now - 2_000, message: `${JSON.stringify(LINE)}\n` },
      { logGroupName: FUNCTION_LOG, timestamp: now - 2_000, message: other },
    ],
    malformed: [],
  };
  change(logs);
  const { endpoint, requests } = await fakeCloudWatchLogs(logs);
  const environment = {
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint,
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  return { logs, requests, environment };
}

async function showLogs(args: readonly string[], change?: (logs: FakeLogs) => void) {
  const { environment } = await startFake(change);
  return runInProcess(logsCommand, ['--stage', 'test', ...args], environment);
}

test('logs REQUEST-ID shows the fields of that request from both logs, the oldest line first', async () => {
  const { exitCode, output, errors } = await showLogs(['abc=']);
  expect([exitCode, errors]).toEqual([0, '']);
  expect(output.replace(/^[\d:.]{12} /gm, '').split('\n')).toEqual([
    'function 503 store_unavailable    12.3 ms abc=',
    '  status: 503',
    '  outcome: store_unavailable',
    '  request_id: abc=',
    '  latency_ms: 12.3',
    '  cause.name: TimeoutError',
    '  cause.stack: at a\\u000aat b',
    expect.stringMatching(/^gateway {2}503 .*abc=$/),
    '  status: 503',
    '  request_id: abc=',
    '  path: /api',
    '',
  ]);
});

test('logs REQUEST-ID --raw prints the lines as they were written', async () => {
  const { output } = await showLogs(['abc=', '--raw']);
  expect(output).toBe(`${JSON.stringify(LINE)}\n${JSON.stringify(ACCESS_LINE)}\n`);
});

test('logs follows both logs, shows each new line once, and ends with SIGINT', async () => {
  const { logs, requests, environment } = await startFake();
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(process.execPath, ['tools/logs/logs.ts', '--stage', 'test'], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = text(child.stdout);
  await once(child.stderr, 'data');
  const add = (logGroupName: string, message: string) =>
    logs.events.push({ logGroupName, timestamp: Date.now() + 1, message });
  add(FUNCTION_LOG, JSON.stringify({ ...LINE, request_id: 'new-1' }));
  add(ACCESS_LOG, JSON.stringify({ ...ACCESS_LINE, request_id: 'new-2' }));
  add(FUNCTION_LOG, 'not JSON \u001b[2J');
  // Three rounds of one page of nothing and one of lines, of two logs.
  while (requests.filter(({ operation }) => operation === 'FilterLogEvents').length < 13) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGINT');
  await once(child, 'close');
  const shown = (await output).trim().split('\n');
  expect(shown.map((line) => line.slice(13)).sort()).toEqual([
    expect.stringMatching(/^function 503 store_unavailable .*new-1$/),
    'function not JSON \\u001b[2J',
    expect.stringMatching(/^gateway {2}503 .*new-2$/),
  ]);
  expect(child.exitCode).toBe(0);
});

test.each<[string, string[], (logs: FakeLogs) => void, RegExp]>([
  ['a request that is in no log', ['none'], () => {}, /^No line since .* has the request id "none"\./],
  [
    'a stage without a stack',
    ['abc='],
    ({ queries }) => queries.splice(0),
    /^There is no stack connection-logout-test in eu-west-1: /,
  ],
  [
    'expired credentials',
    ['abc='],
    (logs) => {
      logs.error = ['ExpiredTokenException', 'The security token is expired'];
    },
    /^AWS refuses the credentials to list the saved queries of the stack: The security token is expired\. Log in again/,
  ],
  ['--hours none', ['--hours', 'none'], () => {}, /^--hours is "none", but must be a number above 0\./],
])('logs ends with a sentence and exit code 1 for %s', async (_, args, change, sentence) => {
  const { exitCode, errors } = await showLogs(args, change);
  expect(exitCode).toBe(1);
  expect(errors).toMatch(sentence);
});
