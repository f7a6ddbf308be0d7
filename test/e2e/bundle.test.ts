import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { FUNCTION_FOLDER } from '../../infra/bundle.ts';
import { build } from '../../tools/build/build.ts';
import { intruders } from '../support/bundle-packages.ts';

/** What each start reads and compiles. A new version of a dependency may take a few; a package takes more. */
const MOST_BYTES = 225_000;

/** The packages whose code is in the bundle. */
const ALLOWED = [
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
  '@smithy/node-http-handler',
  '@smithy/signature-v4',
  '@smithy/types',
  'ajv/dist/runtime',
  'content-type',
  'negotiator',
];

const bundle = () => readFileSync(join(FUNCTION_FOLDER, 'index.mjs'), 'utf8');

test('the same sources give the same bytes', async () => {
  const before = bundle();
  await build();
  expect(bundle() === before).toBe(true);
});

test('nothing else is left in the folder that is deployed, such as the bundle of an older build', async () => {
  writeFileSync(join(FUNCTION_FOLDER, 'index.cjs'), '');
  await build();
  expect(readdirSync(FUNCTION_FOLDER)).toEqual(['index.mjs']);
});

test(`the bundle has at most ${MOST_BYTES.toLocaleString('en')} bytes`, async () => {
  const { bytes } = await build();
  expect(bytes).toBeLessThan(MOST_BYTES);
  expect(bytes).toBe(Buffer.byteLength(bundle()));
});

test('everything is inside: at run time it asks for nothing but Node.js itself', async () => {
  const asked = [...bundle().matchAll(/\bgetBuiltinModule\("([^"]+)"\)/g)].map(([, name]) => String(name));
  expect(asked).toContain('node:https');
  expect(asked.filter((name) => !isBuiltin(name))).toEqual([]);
  const { metafile } = await build();
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

describe('the packages inside', () => {
  test('are those that are allowed: another makes each start dearer (docs/performance.md), so it is decided on', async () => {
    const { metafile } = await build();
    expect(intruders(metafile, ALLOWED)).toEqual([]);
  });

  test('are all of those that are allowed, so that the list stays true', async () => {
    const { metafile } = await build();
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
    ["ajv's compiler", "export { Ajv } from 'ajv'", /bytes of ajv, by test\/e2e\/x\.ts > ajv\.$/],
    [
      'a chain of credential providers',
      "export { defaultProvider } from '@aws-sdk/credential-provider-node'",
      /bytes of @aws-sdk\/credential-provider-env, by test\/e2e\/x\.ts > @aws-sdk\/credential-provider-node > /,
    ],
  ])('reports %s, with what imports it', async (_, contents, sentence) => {
    const { metafile } = await esbuild({
      stdin: { contents, sourcefile: 'x.ts', resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
    });
    expect(intruders(metafile, ALLOWED)).toContainEqual(expect.stringMatching(sentence));
  });
});

test('the schema comes compiled', () => {
  expect(bundle()).not.toContain('json-schema.org');
  expect(bundle()).toContain('must have required property');
});
