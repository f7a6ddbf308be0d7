import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CREDENTIALS, isSigned, serveAuthorizer } from '../support/authorizer.ts';
import { openConnection } from '../support/connections.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { answersToRepeat, finalRefusals, success } from '../support/odd-answers.ts';
import { json, startOddServer } from '../support/odd-server.ts';

const PROJECT = join(import.meta.dirname, '../..');

let service: LocalService;
/** A folder with copies of the examples; below the project, whose packages some of them import. */
let folder: string;
const item = openConnection({ terminal_id: 'T-0412' });

beforeAll(async () => {
  service = await startLocalService();
  await mkdir(join(PROJECT, 'dist'), { recursive: true });
  folder = await mkdtemp(join(PROJECT, 'dist/clients-'));
  for (const { file, build } of INSTALLED) {
    await copyExample(file);
    if (build) expect(await run(build)).toMatchObject({ exitCode: 0 });
  }
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => service.table.put(item));

/** Copies an example, with as many waits of zero seconds as there are answers to repeat after. */
async function copyExample(file: string): Promise<void> {
  const example = await readFile(join(PROJECT, 'docs/clients', file), 'utf8');
  const zeros = (separator: string) =>
    answersToRepeat('')
      .map(() => '0')
      .join(separator);
  const copy = example.replace('1, 2, 4, 8, 15', zeros(', ')).replace('1 2 4 8 15', zeros(' '));
  await writeFile(join(folder, file), copy);
}

interface Result {
  readonly exitCode: number | string;
  readonly stdout: string;
}

/** Runs a command in the folder of the examples. */
function run(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Result> {
  const env = { PATH: process.env.PATH, URL: service.url, ID: item.id, ...environment };
  const options: ExecFileOptions = { cwd: folder, env };
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout) =>
      resolve({ exitCode: error?.code ?? 0, stdout: String(stdout) }),
    );
  });
}

const isInstalled = (command: string) => spawnSync(command, ['--version']).status === 0;

interface Example {
  readonly language: string;
  /** The command that must be installed. */
  readonly needs: string;
  readonly file: string;
  readonly build?: readonly string[];
  readonly command: readonly string[];
  /** What its output begins with. */
  readonly success: string;
  refusal(status: number): string;
}

const EXAMPLES: readonly Example[] = [
  {
    language: 'curl',
    needs: 'curl',
    file: 'logout.sh',
    command: ['sh', 'logout.sh'],
    success: '200',
    refusal: String,
  },
  {
    language: 'JavaScript',
    needs: process.execPath,
    file: 'logout.mjs',
    command: [process.execPath, 'logout.mjs'],
    success: '200 hello',
    refusal: String,
  },
  {
    language: 'Python',
    needs: 'python3',
    file: 'logout.py',
    command: ['python3', 'logout.py'],
    success: '200 hello',
    refusal: String,
  },
  {
    language: 'C#',
    needs: 'mcs',
    file: 'Logout.cs',
    build: ['mcs', '-r:System.Net.Http,System.Runtime.Serialization', 'Logout.cs'],
    command: ['mono', 'Logout.exe'],
    success: 'True hello',
    refusal: () => 'False',
  },
];

const INSTALLED = EXAMPLES.filter(({ needs }) => isInstalled(needs));

describe.each(INSTALLED)('the example in $language', ({ command, success: printed, refusal }) => {
  test('logs a connection of the local stack out', async () => {
    const { exitCode, stdout } = await run(command);
    expect(stdout).toMatch(new RegExp(`^${printed}`));
    expect(exitCode).toBe(0);
    expect(await service.table.get(item.id)).toMatchObject({
      success: true,
      date_logout: expect.any(String),
    });
  });

  test('sends the same body again until the answer is the one of the service', async () => {
    const answers = [...answersToRepeat(item.id), success(item.id)];
    const { url, bodies } = await startOddServer(answers);
    const { exitCode, stdout } = await run(command, { URL: url });
    expect(bodies).toHaveLength(answers.length);
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ id: item.id, date_logout: expect.any(String) });
    expect(stdout).toMatch(new RegExp(`^${printed}`));
    expect(exitCode).toBe(0);
  });

  test('fails when no attempt is answered', async () => {
    const { url, bodies } = await startOddServer(['garbage\r\n\r\n']);
    const { exitCode, stdout } = await run(command, { URL: url });
    expect(bodies).toHaveLength(answersToRepeat('').length + 1);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe('');
  });

  test('returns every final refusal after one request', async () => {
    await Promise.all(
      finalRefusals(item.id).map(async ([status, answer]) => {
        const { url, bodies } = await startOddServer([answer]);
        const { stdout } = await run(command, { URL: url });
        expect(bodies, answer).toHaveLength(1);
        expect(stdout).toMatch(new RegExp(`^${refusal(status)}`));
      }),
    );
  });

  test('repeats a 404 right after a login, but not more than three times', async () => {
    const notFound = json('404 Not Found', {
      success: false,
      code: 'connection_not_found',
      message: 'A sentence.',
    });
    const { url, bodies } = await startOddServer([notFound]);
    const { stdout } = await run(command, { URL: url, JUST_LOGGED_IN: 'yes' });
    expect(bodies).toHaveLength(4);
    expect(stdout).toMatch(new RegExp(`^${refusal(404)}`));
  });
});

// At once, since most of the time goes into waits.
test('each example waits for a Retry-After that is a number or a date', async () => {
  const waits = INSTALLED.map(async ({ language, command }) => {
    const arrivals: number[] = [];
    let date = 0;
    const answerUnavailable = (socket: Socket, retryAfter: string) => {
      arrivals.push(Date.now());
      socket.end(json('503 Service Unavailable', { message: 'x' }, [`Retry-After: ${retryAfter}`]));
    };
    const { url } = await startOddServer([
      (socket) => answerUnavailable(socket, '1'),
      (socket) => {
        date = Math.ceil(Date.now() / 1000) * 1000 + 1_000;
        answerUnavailable(socket, new Date(date).toUTCString());
      },
      (socket) => {
        arrivals.push(Date.now());
        socket.end(success(item.id));
      },
    ]);
    expect(await run(command, { URL: url }), language).toMatchObject({ exitCode: 0 });
    const [first = 0, second = 0, third = 0] = arrivals;
    // Timers of a client may fire some milliseconds early.
    expect(second - first, language).toBeGreaterThan(980);
    expect(third - date, language).toBeGreaterThan(-20);
  });
  await Promise.all(waits);
});

const startAuthorizer = (isAllowed: Parameters<typeof serveAuthorizer>[1]) =>
  serveAuthorizer(service.url, isAllowed);

const hasToken = (request: IncomingMessage) => request.headers.authorization === 'Bearer a.b.c';

/** What the page shows between two texts. */
async function readPage(from: string, to: string): Promise<string> {
  const page = await readFile(join(PROJECT, 'docs/clients.md'), 'utf8');
  return page.split(from)[1]?.split(to)[0] ?? '';
}

describe.runIf(isInstalled('curl'))('the page on clients, for curl', () => {
  test.each([
    ['permanent', CREDENTIALS],
    ['temporary', { ...CREDENTIALS, AWS_SESSION_TOKEN: 'the token' }],
  ])('shows options that sign with %s credentials', async (_kind, environment) => {
    const command = await readPage('```sh\n', '```');
    const URL = await startAuthorizer(isSigned);
    const { stdout } = await run(['sh', '-c', command], { URL, ...environment });
    expect(stdout).toMatch(/^200 /);
  });

  test('shows the option that sends a token', async () => {
    const command = await readPage('| curl | `', '`');
    const URL = await startAuthorizer(hasToken);
    const { stdout } = await run(['sh', '-c', command], { URL, TOKEN: 'a.b.c' });
    expect(stdout).toMatch(/^200 /);
  });
});

describe('the page on clients, for JavaScript', () => {
  test('has an example that signs', async () => {
    await copyExample('sigv4.mjs');
    const URL = await startAuthorizer(isSigned);
    const result = await run([process.execPath, 'sigv4.mjs'], { URL, ...CREDENTIALS });
    expect(result.stdout).toBe('200 hello\n');
  });

  test('shows the argument that sends a token', async () => {
    const program = `import { logOut, makeBody } from './logout.mjs';
      const url = process.env.URL;
      const body = makeBody({ id: process.env.ID });
      const token = async () => 'a.b.c';
      console.log((await ${await readPage('| JavaScript | `', '`')}).status);`;
    await writeFile(join(folder, 'token.mjs'), program);
    const URL = await startAuthorizer(hasToken);
    expect(await run([process.execPath, 'token.mjs'], { URL })).toMatchObject({ stdout: '200\n' });
  });
});
