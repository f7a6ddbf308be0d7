import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { FUNCTION_FOLDER } from '../../infra/bundle.ts';
import { type Certificate, makeCertificate } from '../../tools/bench/certificate.ts';
import { loggedInRequests } from '../../tools/bench/requests.ts';
import { type Store, startStubStore } from '../../tools/bench/stores.ts';
import { type Built, build } from '../../tools/build/build.ts';
import { functionVariables } from '../../tools/local/function-variables.ts';
import { mapStack } from '../../tools/stack-trace/stack-trace.ts';
import { intruders } from '../support/bundle-packages.ts';
import { loadedModules } from '../support/loaded-modules.ts';

/** What each start reads and compiles. A new version of a dependency may take a few; a package takes more. */
const MAX_BYTES = 230_000;

/** The packages whose code is in the bundle. */
const ALLOWED = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/core',
  '@aws-sdk/dynamodb-codec',
  '@aws-sdk/middleware-endpoint-discovery',
  '@aws/lambda-invoke-store',
  '@middy/core',
  '@smithy/core',
  '@smithy/node-http-handler',
  '@smithy/signature-v4',
  '@smithy/types',
  'ajv/dist/runtime',
  'content-type',
  'negotiator',
];

/** A build in a folder of this test's own, in which an older build has left a file. */
let ownFolder = '';
let built: Built;
let bundle = '';

beforeAll(async () => {
  ownFolder = join(mkdtempSync(join(tmpdir(), 'bundle-')), 'lambda');
  mkdirSync(ownFolder);
  writeFileSync(join(ownFolder, 'index.cjs'), '');
  built = await build(ownFolder);
  bundle = readFileSync(join(ownFolder, 'index.mjs'), 'utf8');
});

afterAll(() => rmSync(join(ownFolder, '..'), { recursive: true }));

test('the same sources give the same bytes', () => {
  expect(bundle === readFileSync(join(FUNCTION_FOLDER, 'index.mjs'), 'utf8')).toBe(true);
});

test('nothing else is left in the folder, such as the bundle of an older build', () => {
  expect(readdirSync(ownFolder)).toEqual(['index.mjs']);
});

test('a place in the bundle is found in the sources, by the source map of the build', () => {
  const lines = bundle.split('\n');
  const line = lines.findIndex((one) => one.includes('logged_out'));
  const column = (lines[line] as string).indexOf('logged_out');
  const stack = `    at x (file:///var/task/index.mjs:${line + 1}:${column + 1})`;
  expect(mapStack(stack, JSON.parse(built.sourceMap))).toMatch(/^ {4}at x \(lambda\/[a-z/-]+\.ts:\d+:\d+\)$/);
});

test(`the bundle has at most ${MAX_BYTES.toLocaleString('en')} bytes`, () => {
  expect(built.bytes).toBeLessThan(MAX_BYTES);
  expect(built.bytes).toBe(Buffer.byteLength(bundle));
});

test('everything is inside: at run time it asks for nothing but Node.js itself', async () => {
  const asked = [...bundle.matchAll(/\bgetBuiltinModule\("([^"]+)"\)/g)].map(([, name]) => String(name));
  expect(asked).toContain('node:https');
  expect(asked.filter((name) => !isBuiltin(name))).toEqual([]);
  const { metafile } = built;
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

describe('the packages inside', () => {
  test('are those that are allowed: another makes each start dearer (docs/performance.md), so it is decided on', async () => {
    const { metafile } = built;
    expect(intruders(metafile, ALLOWED)).toEqual([]);
  });

  test('are all of those that are allowed, so that the list stays true', async () => {
    const { metafile } = built;
    const missing = ALLOWED.filter(
      (name) =>
        intruders(
          metafile,
          ALLOWED.filter((other) => other !== name),
        ).length === 0,
    );
    expect(missing).toEqual([]);
  });

  test.each([
    ["ajv's compiler", "export { Ajv } from 'ajv'", /bytes of ajv, by x\.ts > ajv\.$/],
    [
      'a chain of credential providers',
      "export { defaultProvider } from '@aws-sdk/credential-provider-node'",
      /bytes of @aws-sdk\/credential-provider-env, by x\.ts > @aws-sdk\/credential-provider-node > /,
    ],
  ])('reports %s, with what imports it', async (_, contents, sentence) => {
    const { metafile } = await esbuild({
      stdin: { contents, sourcefile: 'x.ts', resolveDir: process.cwd() },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
    });
    expect(intruders(metafile, ALLOWED)).toContainEqual(expect.stringMatching(sentence));
  });
});

test('the schema comes compiled', () => {
  expect(bundle).not.toContain('json-schema.org');
  expect(bundle).toContain('must have required property');
});

describe('the modules of Node.js that are loaded after the first answer', () => {
  /** Beside `http`, which AWS's runtime client loads. Each takes its time at the start, or in the first request. */
  const ALLOWED_MODULES = [
    'crypto',
    'https',
    'internal/crypto',
    'internal/file',
    'internal/js_stream_socket',
    'internal/streams',
    'internal/tls',
    'process',
    'tls',
  ];

  let certificate: Certificate;
  let store: Store;
  let variables: Record<string, string>;
  let event: object;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    certificate = await makeCertificate();
    store = await startStubStore(certificate);
    variables = {
      ...functionVariables(inject('template'), store.endpoint),
      TIME_ZONE: 'Europe/Madrid',
      NODE_EXTRA_CA_CERTS: certificate.file,
    };
    [event = {}] = await loggedInRequests(store, 1);
  });

  afterAll(async () => {
    await store.close();
    await certificate.remove();
    rmSync(folder, { recursive: true });
  });

  test('are those that are allowed, or the source files that may have asked for another are named', async () => {
    const modules = await loadedModules(join(FUNCTION_FOLDER, 'index.mjs'), event, variables);
    const names = modules.map(({ name }) => name);
    const others = names.filter((name) => !ALLOWED_MODULES.includes(name));
    if (others.length > 0) {
      await build(folder, false);
      const named = await loadedModules(join(folder, 'index.mjs'), event, variables);
      expect(named.filter(({ name }) => others.includes(name))).toEqual([]);
    }
    expect(names).toEqual(ALLOWED_MODULES);
  });

  test.each([
    ['perf_hooks', 'performance.now();'],
    ['internal/webstreams', 'new ReadableStream();'],
    ['fs/promises', "process.getBuiltinModule('node:fs/promises');"],
  ])('would be named: %s', async (name, statement) => {
    const outfile = join(folder, 'sample.mjs');
    await esbuild({
      stdin: {
        contents: `${statement} export const handler = async () => ({ statusCode: 200 });`,
        sourcefile: 'lambda/sample.ts',
      },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
    const modules = await loadedModules(outfile, event, variables);
    expect(modules).toContainEqual({ name, askedBy: ['lambda/sample.ts'] });
  });
});

test('what the build puts in the place of a part of the SDK is still what the SDK asks for', async () => {
  const { metafile } = built;
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const replaced = (part: string) => imports.some(({ original, path }) => original === part && path !== part);
  expect(replaced('@aws-sdk/credential-provider-node')).toBe(true);
  expect(replaced('@aws-sdk/endpoint-cache')).toBe(true);
  expect(replaced('@smithy/core/event-streams')).toBe(true);
  expect(replaced('node:fs/promises')).toBe(true);
});
