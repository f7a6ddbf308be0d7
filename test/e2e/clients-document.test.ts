import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { fail } from '../../tools/local/faulty-dynamodb.ts';
import { openConnection } from '../../tools/soak/connections.ts';
import { send } from '../../tools/soak/http.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { verifySigV4 } from '../support/sigv4.ts';

const PROJECT = join(import.meta.dirname, '../..');

let service: LocalService;
/** A folder with the document's programs in it; below the project, whose packages some of them import. */
let folder: string;
let item: ReturnType<typeof openConnection>;

beforeAll(async () => {
  service = await startLocalService(inject('dynamodbEndpoint'));
  await mkdir(join(PROJECT, 'dist'), { recursive: true });
  folder = await mkdtemp(join(PROJECT, 'dist/clients-'));
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  item = openConnection({ terminal_id: 'T-0412' });
  await service.table.put(item);
});

/** The programs below a heading of the document, in one language. */
async function programs(heading: string, language: string): Promise<[string, ...string[]]> {
  const document = await readFile(join(PROJECT, 'docs/clients.md'), 'utf8');
  const section = document.split(/^##+ /m).find((text) => text.startsWith(heading)) ?? '';
  const found = [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))];
  return found.map(([, program = '']) => program) as [string, ...string[]];
}

/** Runs a program of the document. @returns what it printed. */
async function run(command: string, args: string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { PATH: process.env.PATH, URL: service.url, ID: item.id, ...environment };
  const options: ExecFileOptions = { cwd: folder, env };
  return String((await promisify(execFile)(command, args, options)).stdout);
}

const hasCommand = (command: string) => spawnSync(command, ['--version']).status === 0;

/** An authorizer in front of the service: it lets pass whom `admits` does. @returns its URL. */
async function guarded(admits: (request: IncomingMessage, body: Buffer) => boolean): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    if (!admits(request, body)) {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
      return;
    }
    const answer = await send(service.url, { contentType: request.headers['content-type'], body });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(service.url).pathname}`;
}

const secrets = { AKIDEXAMPLE: 'secret' };
const credentials = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

const isSigned = (request: IncomingMessage, body: Buffer) =>
  verifySigV4({ method: 'PUT', path: request.url ?? '', headers: request.headers, body }, secrets)
    ?.service === 'execute-api';

const expectLoggedOut = async () =>
  expect(await service.table.get(item.id)).toMatchObject({ success: true, date_logout: expect.any(String) });

describe.runIf(hasCommand('curl'))('curl', () => {
  const answer = async () => JSON.parse(await readFile(join(folder, 'answer.json'), 'utf8'));

  test('logs the connection out, and repeats what is to be repeated', async () => {
    const [curl] = await programs('curl', 'sh');
    service.dynamodb.script(
      fail(500, 'InternalServerError'),
      fail(500, 'InternalServerError'),
      fail(500, 'X'),
    );
    expect(await run('sh', ['-c', curl])).toBe('200\n');
    expect(await answer()).toMatchObject({ id: item.id, success: true });
    await expectLoggedOut();
  });

  test('repeats no 404', async () => {
    const [curl] = await programs('curl', 'sh');
    const id = '11111111-2222-3333-4444-555555555555';
    const requests = service.dynamodb.requests.length;
    expect(await run('sh', ['-c', curl], { ID: id })).toBe('404\n');
    expect(service.dynamodb.requests).toHaveLength(requests + 1);
    expect(await answer()).toMatchObject({ code: 'connection_not_found' });
  });

  test.each([
    ['lasting', credentials],
    ['temporary', { ...credentials, AWS_SESSION_TOKEN: 'the token' }],
  ])('signs with %s credentials', async (_kind, environment) => {
    const [curl] = await programs('curl', 'sh');
    const [signing] = await programs('SigV4', 'sh');
    const url = await guarded(isSigned);
    expect(await run('sh', ['-c', curl], { URL: url })).toBe('403\n');
    const command = `${curl.trimEnd()} \\\n${signing}`;
    expect(await run('sh', ['-c', command], { URL: url, ...environment })).toBe('200\n');
    await expectLoggedOut();
  });

  test('shows a token', async () => {
    const [curl] = await programs('curl', 'sh');
    const command = `${curl.trimEnd()} \\\n${await inTable('curl')}`;
    const url = await guarded(({ headers }) => headers.authorization === 'Bearer a.b.c');
    expect(await run('sh', ['-c', command], { URL: url, TOKEN: 'a.b.c' })).toBe('200\n');
  });
});

/** What the table of tokens says for a language. */
async function inTable(language: string): Promise<string> {
  const document = await readFile(join(PROJECT, 'docs/clients.md'), 'utf8');
  return new RegExp(`^\\| ${language} \\| \`(.*)\` \\|$`, 'm').exec(document)?.[1] ?? '';
}

describe('JavaScript', () => {
  beforeEach(async () => {
    const [logOut, use] = await programs('JavaScript', 'js');
    await writeFile(join(folder, 'logout.mjs'), logOut);
    await writeFile(join(folder, 'use.mjs'), use ?? '');
  });

  test('logs the connection out, and waits as Retry-After says', async () => {
    service.dynamodb.script(fail(500, 'X'), fail(500, 'X'), fail(500, 'X'));
    const since = performance.now();
    expect(await run(process.execPath, ['use.mjs'])).toBe('200 true hello\n');
    expect(performance.now() - since).toBeGreaterThan(1_000);
    await expectLoggedOut();
  });

  test('gives every other answer to its caller', async () => {
    const environment = { ID: '11111111-2222-3333-4444-555555555555' };
    expect(await run(process.execPath, ['use.mjs'], environment)).toBe(
      '404 false There is no such connection.\n',
    );
  });

  test('signs with SigV4', async () => {
    const [program] = await programs('SigV4', 'js');
    await writeFile(join(folder, 'signed.mjs'), program);
    const environment = { URL: await guarded(isSigned), ...credentials };
    expect(await run(process.execPath, ['signed.mjs'], environment)).toBe('200 hello\n');
    expect(await run(process.execPath, ['use.mjs'], environment)).toContain('403 undefined Forbidden');
  });

  test('shows a token', async () => {
    const program = `import { logOut } from './logout.mjs';
      const { URL: url, ID: id } = process.env;
      const connection = { id };
      const token = async () => 'a.b.c';
      console.log((await ${await inTable('JavaScript')}).status);`;
    await writeFile(join(folder, 'token.mjs'), program);
    const url = await guarded(({ headers }) => headers.authorization === 'Bearer a.b.c');
    expect(await run(process.execPath, ['token.mjs'], { URL: url })).toBe('200\n');
  });
});

// A machine that has nothing but Node.js has no Python; nothing else here would need it.
describe.runIf(hasCommand('python3'))('Python, where there is one', () => {
  beforeEach(async () => writeFile(join(folder, 'logout.py'), (await programs('Python', 'python'))[0]));

  test('logs the connection out, and waits as Retry-After says', async () => {
    service.dynamodb.script(fail(500, 'X'), fail(500, 'X'), fail(500, 'X'));
    const since = performance.now();
    expect(await run('python3', ['logout.py'])).toBe('200 hello\n');
    expect(performance.now() - since).toBeGreaterThan(1_000);
    await expectLoggedOut();
  });

  test('gives every other answer to its caller', async () => {
    const environment = { ID: '11111111-2222-3333-4444-555555555555' };
    expect(await run('python3', ['logout.py'], environment)).toBe('404 There is no such connection.\n');
  });
});
