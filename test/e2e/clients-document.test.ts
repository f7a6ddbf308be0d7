import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { CREDENTIALS, isSigned, serveAuthorizer } from '../support/authorizer.ts';
import { openConnection } from '../support/connections.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { isInstalled } from '../support/programs.ts';
import { serve } from '../support/server.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** The examples that this machine can run: how each is built and run, and what it prints of a response. */
const EXAMPLES = [
  { language: 'curl', needs: 'curl', file: 'logout.sh', command: ['sh', 'logout.sh'] },
  { language: 'JavaScript', file: 'logout.mjs', command: [process.execPath, 'logout.mjs'] },
  { language: 'Python', needs: 'python3', file: 'logout.py', command: ['python3', 'logout.py'] },
  {
    language: 'C#',
    needs: 'mcs',
    file: 'Logout.cs',
    build: ['mcs', '-r:System.Net.Http,System.Runtime.Serialization', 'Logout.cs'],
    command: ['mono', 'Logout.exe'],
    prints: (status: number) => (status === 200 ? 'True' : 'False'),
  },
].filter(({ needs }) => needs === undefined || isInstalled(needs as 'curl'));

/** The connection of the responses that a test makes up. */
const ID = randomUUID();

function http(status: string, body = '', headers: readonly string[] = []): string {
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`];
  return [...lines, 'Connection: close', '', body].join('\r\n');
}

function json(status: string, body: unknown, headers: readonly string[] = []): string {
  return http(status, JSON.stringify(body), ['Content-Type: application/json; charset=utf-8', ...headers]);
}

const SUCCESS = json('200 OK', { id: ID, success: true, message: 'hello' });
const refuse = (status: string, code: string, more: object = {}) =>
  json(status, { success: false, code, message: 'A sentence.', request_id: 'x', ...more });
const DATE_LOGOUT = { field: 'date_logout', message: 'A sentence.' };

/** A captive portal's page, the cookie of which is invalid, and other responses that are not the service's. */
const UNSETTLED: readonly (string | ((socket: Socket) => void))[] = [
  SUCCESS.slice(0, -20),
  'garbage\r\n\r\n',
  (socket) => socket.resetAndDestroy(),
  http('200 OK', '\x1f\x8b\x08', ['Content-Type: application/json', 'Content-Encoding: gzip']),
  http('200 OK', '<html>', ['Content-Type: text/html', 'Set-Cookie: a=b; domain=.other.example; path=/x,y']),
  http('403 Forbidden', '<html>', ['Content-Type: text/html']),
  http('307 Temporary Redirect', '', ['Location: http://127.0.0.1:9/login']),
  json('200 OK', { status: 'online' }),
  json('200 OK', null),
  json('200 OK', { id: randomUUID(), success: true, message: null }),
  json('200 OK', { id: ID, success: false, message: null }),
  json('409 Conflict', { success: false, message: 'A sentence.' }),
  json('429 Too Many Requests', { message: 'Too Many Requests' }),
  refuse('400 Bad Request', 'invalid_connection', { errors: [DATE_LOGOUT] }),
  // The last two say when to repeat.
  json('503 Service Unavailable', { message: 'x' }, ['Retry-After: 1']),
  (socket) => {
    const date = new Date(Date.now() + 2_000).toUTCString();
    socket.end(json('503 Service Unavailable', { message: 'x' }, [`Retry-After: ${date}`]));
  },
];

/** Starts a server with these responses, in order and byte for byte; those after the last are the last again. */
async function startServer(
  { onTestFinished }: TestContext,
  ...responses: typeof UNSETTLED
): Promise<{ url: string; bodies: string[]; arrivals: number[] }> {
  const bodies: string[] = [];
  const arrivals: number[] = [];
  const origin = await serve(async (request) => {
    arrivals.push(Date.now());
    bodies.push(await text(request));
    const response = responses[Math.min(bodies.length, responses.length) - 1];
    if (typeof response === 'string') request.socket.end(response);
    else response?.(request.socket);
  }, onTestFinished);
  return { url: `${origin}/api/tt_cmd_connection/logout`, bodies, arrivals };
}

let service: LocalService;
/** A folder with copies of the examples; below the project, whose packages some of them import. */
let folder: string;

beforeAll(async () => {
  service = await startLocalService();
  await mkdir(join(PROJECT, 'dist'), { recursive: true });
  folder = await mkdtemp(join(PROJECT, 'dist/clients-'));
  for (const { file, build } of EXAMPLES) {
    await copyExample(file);
    if (build) expect(await run(build)).toMatchObject({ exitCode: 0 });
  }
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

/** Writes a connection to the table. @returns the environment of a terminal that logs it out. */
async function logIn(): Promise<{ URL: string; ID: string }> {
  const item = openConnection({ terminal_id: 'T-0412' });
  await service.table.put(item);
  return { URL: service.url, ID: item.id };
}

/** Copies an example, with as many waits of zero seconds as there are responses to repeat after. */
async function copyExample(file: string): Promise<void> {
  const example = await readFile(join(PROJECT, 'docs/clients', file), 'utf8');
  const zeros = (separator: string) => UNSETTLED.map(() => '0').join(separator);
  const copy = example.replace('1, 2, 4, 8, 15', zeros(', ')).replace('1 2 4 8 15', zeros(' '));
  // At its end Mono 6.8 may wait for an idle worker of its thread pool, for up to a minute.
  await writeFile(join(folder, file), copy.replace(/Console\.WriteLine\(.*\);/, '$& Environment.Exit(0);'));
}

/** Runs a command in the folder of the examples. */
function run(
  [file = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ exitCode: number | string; stdout: string }> {
  const env = { PATH: process.env.PATH, ...environment };
  return new Promise((resolve) => {
    execFile(file, args, { cwd: folder, env }, (error, stdout) =>
      resolve({ exitCode: error?.code ?? 0, stdout }),
    );
  });
}

// At once, since most of the time goes into waits.
describe.concurrent.each(EXAMPLES)('the example in $language', ({ command, prints = String }) => {
  const expectPrinted = (stdout: string, status: number) =>
    expect(stdout).toMatch(new RegExp(`^${prints(status)}\\b`));

  test('logs a connection of the local stack out', async () => {
    const terminal = await logIn();
    const { exitCode, stdout } = await run(command, terminal);
    expectPrinted(stdout, 200);
    expect(exitCode).toBe(0);
    expect(await service.table.get(terminal.ID)).toMatchObject({
      date_logout: expect.any(String),
      success: true,
    });
  });

  test('sends the same body until the response is that of the service, and not before Retry-After says', async (context) => {
    const { url, bodies, arrivals } = await startServer(context, ...UNSETTLED, SUCCESS);
    const { exitCode, stdout } = await run(command, { URL: url, ID });
    expect(bodies).toHaveLength(UNSETTLED.length + 1);
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ id: ID, date_logout: expect.any(String) });
    expectPrinted(stdout, 200);
    expect(exitCode).toBe(0);
    const [number = 0, date = 0, last = 0] = arrivals.slice(-3);
    // Timers of a client may fire some milliseconds early, and a date has whole seconds.
    expect(date - number).toBeGreaterThan(980);
    expect(last - date).toBeGreaterThan(980);
  });

  test.for([
    [400, refuse('400 Bad Request', 'invalid_connection', { errors: [{ field: 'locator' }, DATE_LOGOUT] })],
    [403, json('403 Forbidden', { message: 'Forbidden' })],
    [409, json('409 Conflict', { id: ID, success: false, message: 'A sentence.' })],
  ] as const)('returns a %i of the service after one request', async ([status, response], context) => {
    const { url, bodies } = await startServer(context, response);
    expectPrinted((await run(command, { URL: url, ID })).stdout, status);
    expect(bodies).toHaveLength(1);
  });

  test('repeats a 404 right after a login, but not more than three times', async (context) => {
    const { url, bodies } = await startServer(context, refuse('404 Not Found', 'connection_not_found'));
    const { stdout } = await run(command, { URL: url, ID, JUST_LOGGED_IN: 'yes' });
    expect(bodies).toHaveLength(4);
    expectPrinted(stdout, 404);
  });
});

/** The environment of a terminal with credentials, which {@link isSigned} checks. */
const logInSigned = async () => {
  const terminal = await logIn();
  return { ...terminal, URL: await serveAuthorizer(service.url, isSigned), ...CREDENTIALS };
};

test.skipIf(!isInstalled('curl'))('the page on clients shows options for curl that sign', async () => {
  const page = await readFile(join(PROJECT, 'docs/clients.md'), 'utf8');
  const command = page.split('```sh\n')[1]?.split('```')[0] ?? '';
  const environment = { ...(await logInSigned()), AWS_SESSION_TOKEN: 'the token' };
  const { stdout } = await run(['sh', '-c', command], environment);
  expect(stdout).toMatch(/^200 /);
});

test('the example in JavaScript that signs is allowed', async () => {
  await copyExample('sigv4.mjs');
  const { stdout } = await run([process.execPath, 'sigv4.mjs'], await logInSigned());
  expect(stdout).toBe('200 hello\n');
});
