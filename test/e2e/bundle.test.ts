import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { FUNCTION_FOLDER } from '../../infra/bundle.ts';
import { makeCertificate } from '../../tools/bench/certificate.ts';
import { createEvent, startStore } from '../../tools/bench/store.ts';
import {
  type Built,
  build,
  buildOnChange,
  buildProbeAndHook,
  locateSourceMap,
} from '../../tools/build/build.ts';
import { UserError } from '../../tools/cli.ts';
import { createEnvironment } from '../../tools/local/environment.ts';

/** The packages whose code is in the bundle. Another makes each start dearer (docs/performance.md), so it is decided on. */
const PACKAGES = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/core',
  '@aws-sdk/dynamodb-codec',
  '@aws-sdk/lib-dynamodb',
  '@aws-sdk/middleware-endpoint-discovery',
  '@aws-sdk/util-dynamodb',
  '@aws/lambda-invoke-store',
  '@middy/core',
  '@middy/http-json-body-parser',
  '@middy/util',
  '@smithy/core',
  '@smithy/signature-v4',
  '@smithy/types',
  'ajv/dist/runtime',
  'content-type',
  'negotiator',
];

/** Builds in folders of this test's own, in which an older one has left something, by a user whose files are private. */
const root = mkdtempSync(join(tmpdir(), 'bundle-'));
const folder = join(root, 'lambda');
let built: Built;
let bundle = '';

beforeAll(async () => {
  const umask = process.umask(0o077);
  for (const name of ['lambda', 'watch']) {
    mkdirSync(join(root, name, 'old'), { recursive: true });
    writeFileSync(join(root, name, 'old.mjs'), '');
  }
  try {
    built = await build(folder);
    await buildProbeAndHook(join(root, 'watch'));
  } finally {
    process.umask(umask);
  }
  bundle = readFileSync(join(folder, 'index.mjs'), 'utf8');
});

afterAll(() => rmSync(root, { recursive: true }));

test('the same sources give the same bytes', () => {
  expect(bundle === readFileSync(join(FUNCTION_FOLDER, 'index.mjs'), 'utf8')).toBe(true);
});

test('nothing else is left in the folder, such as a bundle and a folder of an older build', () => {
  expect(readdirSync(folder)).toEqual(['index.mjs']);
  expect(readdirSync(join(root, 'watch')).sort()).toEqual(['hook.mjs', 'probe.mjs']);
});

test('what is deployed can be read by Lambda, which is another user, whatever the umask of the build', () => {
  const readMode = (path: string) => (statSync(join(root, path)).mode & 0o777).toString(8);
  expect(['lambda', 'watch'].map(readMode)).toEqual(['755', '755']);
  expect(['lambda/index.mjs', 'watch/hook.mjs', 'watch/probe.mjs'].map(readMode)).toEqual([
    '644',
    '644',
    '644',
  ]);
});

test('the licences of the packages are kept beside the folder', () => {
  expect(readFileSync(`${folder}.index.mjs.LEGAL.txt`, 'utf8')).toMatch(/negotiator[\s\S]*MIT Licensed/);
});

test('a folder that cannot be written is a sentence that names it', async () => {
  writeFileSync(join(root, 'file'), '');
  const failure = build(join(root, 'file/lambda'));
  await expect(failure).rejects.toThrow(UserError);
  await expect(failure).rejects.toThrow(`The build cannot write to ${root}/file/lambda: ENOTDIR`);
});

test('the failure of the first build that npm start makes is thrown, which ends it', async () => {
  onTestFinished(() => esbuild.stop());
  const failure = buildOnChange(
    () => Promise.reject(new Error('first')),
    () => {},
  );
  await expect(failure).rejects.toThrow('first');
});

test('npm run stack-trace shows the source of a place in the deployed bundle, and asks for a source map that is not there', () => {
  const run = (input: string, ...args: string[]) =>
    spawnSync(process.execPath, ['tools/build/stack-trace.ts', ...args], { input, encoding: 'utf8' });
  const lines = bundle.split('\n');
  const line = lines.findIndex((one) => one.includes('logged_out'));
  const column = (lines[line] as string).indexOf('logged_out');
  // As the log has it: one line. A terminal would obey the escape, and Lambda's own runtime is not in the map.
  const runtime = 'file:///var/runtime/index.mjs:1173:29';
  const { stdout } = run(
    `at x (file:///var/task/index.mjs:${line + 1}:${column + 1})\\nat \u001b[1my (${runtime})`,
  );
  const [frame = '', ...more] = stdout.split('\n');
  expect(more).toEqual([`at \\u001b[1my (${runtime})`, '']);
  const [, file = '', row, place] = /^at x \((lambda\/[a-z/-]+\.ts):(\d+):(\d+)\)$/.exec(frame) ?? [];
  const source = readFileSync(file, 'utf8').split('\n')[Number(row) - 1] ?? '';
  expect(source.slice(Number(place) - 1)).toMatch(/^'?logged_out/);
  expect(run('', '--map', 'no.map').stderr).toContain(
    'There is no no.map: `npm run build` makes it, or give --map.',
  );
});

test.each(['probe', 'hook'])('the source map of the %s is its own', (name) => {
  const folder = join(root, 'watch');
  const file = locateSourceMap(readFileSync(join(folder, `${name}.mjs`)), folder);
  expect(JSON.parse(readFileSync(file, 'utf8')).sources).toContainEqual(expect.stringMatching(`${name}.ts$`));
});

// What each start reads and compiles. A new version of a dependency may take a few; a package takes more.
test.each([
  ['lambda/index.mjs', 220_000],
  ['watch/probe.mjs', 250_000],
  ['watch/hook.mjs', 295_000],
])('%s has at most %i bytes', (file, maxBytes) => {
  expect(statSync(join(root, file)).size).toBeLessThanOrEqual(maxBytes);
});

test('everything is inside: at run time it asks for nothing but Node.js itself', () => {
  const asked = [...bundle.matchAll(/\bgetBuiltinModule\("([^"]+)"\)/g)].map(([, name]) => String(name));
  expect(asked).toContain('node:https');
  expect(asked.filter((name) => !isBuiltin(name))).toEqual([]);
  expect(Object.values(built.metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

test('the packages inside are those that are allowed, and of ajv no compiler, since the schema is compiled', () => {
  expect(bundle).toContain('must have required property');
  const inputs = Object.values(built.metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const files = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  const name = /.*node_modules\/(@[^/]+\/[^/]+|ajv\/dist\/runtime|[^/]+)/;
  const names = new Set(files.flatMap((file) => name.exec(file)?.[1] ?? []));
  expect([...names].sort()).toEqual(PACKAGES);
});

test('the modules of Node.js that are loaded by the first response are those that are allowed', async () => {
  const certificate = await makeCertificate();
  onTestFinished(certificate.remove);
  const store = await startStore(certificate);
  onTestFinished(store.close);
  const event = createEvent();
  const args = ['test/support/report-modules.mjs', join(folder, 'index.mjs'), JSON.stringify(event)];
  const env = {
    ...createEnvironment(inject('template'), store.endpoint),
    TIME_ZONE: 'Europe/Madrid',
    NODE_EXTRA_CA_CERTS: certificate.file,
  };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const { statusCode, loaded } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(statusCode).toBe(200);
  // Of Node.js's own modules, which differ from one version to the next, the first two parts of the name.
  const names = loaded.map((name: string) =>
    name.startsWith('internal/') ? name.split('/', 2).join('/') : name,
  );
  // Beside `http`, which AWS's runtime client loads. Each takes its time at the start, or in the first request.
  expect([...new Set(names)].sort()).toEqual([
    'crypto',
    'fs/promises',
    'https',
    'internal/crypto',
    'internal/file',
    'internal/fs',
    'internal/js_stream_socket',
    'internal/readline',
    'internal/repl',
    'internal/streams',
    'internal/tls',
    'os',
    'process',
    'tls',
  ]);
});

test('what the build puts in the place of a part of the SDK is still what the SDK asks for', () => {
  const imports = Object.values(built.metafile.inputs).flatMap((input) => input.imports);
  const replaced = imports.filter(({ original, path }) => path.endsWith('sdk-stubs.ts') && original !== path);
  expect([...new Set(replaced.map(({ original }) => original))].sort()).toEqual([
    '@aws-sdk/credential-provider-node',
    '@aws-sdk/endpoint-cache',
    '@smithy/core/event-streams',
    '@smithy/node-http-handler',
  ]);
});
