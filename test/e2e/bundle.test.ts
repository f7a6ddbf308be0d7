import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build, FUNCTION_FOLDER } from '../../infra/build.ts';

const bundle = () => readFileSync(join(FUNCTION_FOLDER, 'index.cjs'), 'utf8');

test('the same sources give the same bytes', async () => {
  const before = bundle();
  await build();
  expect(bundle() === before).toBe(true);
});

test('the bundle is below 300 KB', async () => {
  const { bytes } = await build();
  expect(bytes).toBeLessThan(300_000);
  expect(bytes).toBe(Buffer.byteLength(bundle()));
});

test('everything is inside: at run time it asks for nothing but Node.js itself', () => {
  const required = [...bundle().matchAll(/(?<!['"`])\b(?:require|import)\("([^"]+)"\)/g)].map(
    ([, name]) => name,
  );
  expect(required).toContain('node:https');
  expect(required.filter((name) => !isBuiltin(String(name)))).toEqual([]);
});

test.each([
  'credential-provider-sso',
  'credential-provider-ini',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
])('the chain of credential providers is left out: %s', (name) => expect(bundle()).not.toContain(name));

test('the schema comes compiled: ajv is not in the bundle', () => {
  expect(bundle()).not.toContain('json-schema.org');
  expect(bundle()).toContain('must have required property');
});
