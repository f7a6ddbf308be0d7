import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from 'vitest';
import { importsOf } from '../support/imports.ts';

const PROJECT = join(import.meta.dirname, '../..');
const LAMBDA = join(PROJECT, 'lambda');

/** The parts of the function: its three folders, and the files beside them. */
type Part = 'domain' | 'http' | 'storage' | 'config' | 'observability' | 'handler';

/** What a part may import: which other parts, which packages. */
const RULES: Readonly<Record<Part, { parts: readonly Part[]; packages: RegExp }>> = {
  domain: { parts: [], packages: /(?!)/ },
  // What cuts across, and validation. Of AWS only the types of an event and its answer.
  http: { parts: ['domain'], packages: /^(@middy\/.+|ajv|negotiator|node:buffer|type aws-lambda)$/ },
  // The SDK, and Node.js for the connection to the table.
  storage: { parts: ['domain'], packages: /^(@(aws-sdk|smithy)\/.+|node:(events|https|net|stream|tls))$/ },
  config: { parts: [], packages: /(?!)/ },
  observability: { parts: [], packages: /(?!)/ },
  handler: { parts: ['domain', 'http', 'storage', 'config', 'observability'], packages: /^@middy\/core$/ },
};

/** The imports of these files, by their paths in `lambda/`, that no rule allows. */
function violations(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([path, source]) => {
    const { parts, packages } = RULES[partOf(path)];
    return importsOf(source).flatMap(({ name, isType }) => {
      const isAllowed = name.startsWith('.')
        ? [partOf(path), ...parts].includes(partOf(join(dirname(path), name)))
        : packages.test(name) || (isType && packages.test(`type ${name}`));
      return isAllowed ? [] : [`${path} imports ${name}`];
    });
  });
}

function partOf(path: string): Part {
  return path.split('/')[0]?.replace(/\.ts$/, '') as Part;
}

describe('the arrows of the code', () => {
  const files = Object.fromEntries(
    globSync('**/*.ts', { cwd: LAMBDA }).map((path) => [path, readFileSync(join(LAMBDA, path), 'utf8')]),
  );

  test('belong to files of which each is in one of the parts', () => {
    expect([...new Set(Object.keys(files).map(partOf))].sort()).toEqual(Object.keys(RULES).sort());
  });

  test('are these and no others: http to domain, storage to domain, handler to all', () => {
    expect(violations(files)).toEqual([]);
  });

  test.each([
    ['the domain knows no package', 'domain/x.ts', "import { Ajv } from 'ajv';", 'ajv'],
    ['the domain knows no module of Node.js', 'domain/x.ts', "import 'node:crypto';", 'node:crypto'],
    [
      'the domain knows no type of a package',
      'domain/x.ts',
      "import type { Handler } from 'aws-lambda';",
      'aws-lambda',
    ],
    [
      'the domain knows no other folder',
      'domain/x.ts',
      "import { header } from '../http/event.ts';",
      '../http/event.ts',
    ],
    [
      'the domain loads nothing later',
      'domain/x.ts',
      "const x = await import('../config.ts');",
      '../config.ts',
    ],
    [
      'the domain passes nothing on',
      'domain/x.ts',
      "export * from '../storage/client.ts';",
      '../storage/client.ts',
    ],
    [
      'http knows no SDK',
      'http/x.ts',
      "import {\n  DynamoDBClient,\n} from '@aws-sdk/client-dynamodb';",
      '@aws-sdk/client-dynamodb',
    ],
    [
      'http knows no storage',
      'http/x.ts',
      "import type { Store } from '../storage/store.ts';",
      '../storage/store.ts',
    ],
    [
      'http knows no log',
      'http/x.ts',
      "import { RequestLog } from '../observability.ts';",
      '../observability.ts',
    ],
    ['http runs nothing of aws-lambda', 'http/x.ts', "import lambda from 'aws-lambda';", 'aws-lambda'],
    ['storage knows no Middy', 'storage/x.ts', "import middy from '@middy/core';", '@middy/core'],
    ['storage knows no ajv', 'storage/x.ts', 'import { Ajv } from "ajv";', 'ajv'],
    [
      'storage knows no http',
      'storage/x.ts',
      "import { header } from '../http/event.ts';",
      '../http/event.ts',
    ],
    [
      'storage knows no configuration',
      'storage/x.ts',
      "import type { Config } from '../config.ts';",
      '../config.ts',
    ],
    ['nobody knows the handler', 'config.ts', "import { handler } from './handler.ts';", './handler.ts'],
    [
      'the log knows nothing',
      'observability.ts',
      "import { FIELDS } from './domain/connection.ts';",
      './domain/connection.ts',
    ],
  ])('would be broken by this, which shows that the check can fail: %s', (_rule, path, source, name) => {
    expect(violations({ [path]: source })).toEqual([`${path} imports ${name}`]);
  });

  test('are not broken by what each part is for', () => {
    expect(
      violations({
        'domain/x.ts': "import type { Field } from './connection.ts';\n// from 'ajv'\nconst from = 'ajv';",
        'http/x.ts': "import type { Handler } from 'aws-lambda';\nimport middy from '@middy/core';",
        'storage/x.ts': "import { FIELDS } from '../domain/connection.ts';",
        'handler.ts': "import { readConfig } from './config.ts';\nimport { answer } from './http/answer.ts';",
      }),
    ).toEqual([]);
  });
});

/** What a folder beside `lambda/` may import, but for itself. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  // What is deployed. It compiles the function's schema, and checks the time zone with the function's own check.
  infra: ['infra/monitoring', 'lambda/domain', 'lambda/http'],
  // It watches the function's outcomes and metrics by their names.
  'infra/monitoring': ['infra', 'lambda/domain', 'lambda/observability'],
  // It computes with the limits that the function and its store have.
  'infra/capacity': ['infra', 'lambda/observability', 'lambda/storage'],
  // It runs what the stack's template says.
  'infra/local': ['infra', 'lambda/domain'],
  'infra/cutover': ['infra', 'lambda/domain'],
  // It sees the service from outside, as a terminal does.
  'infra/smoke': ['infra'],
  // It breaks the local stack, with what tests break it with.
  'infra/drill': ['infra', 'infra/local', 'infra/monitoring', 'test/support'],
};

/** What tests have in common may import all that is tested, and no test. */
const SUPPORT = 'test/support';

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  return from === SUPPORT ? !to.startsWith('test') : (ARROWS[from]?.includes(to) ?? false);
}

/** The folder of a file in the repository; in `lambda/` its part. */
function folderOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  if (top === 'lambda') return `lambda/${partOf(second)}`;
  return path.split('/').length > 2 ? `${top}/${second}` : top;
}

function brokenArrows(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([path, source]) =>
    importsOf(source).flatMap(({ name }) => {
      const isPackageOrData = !name.startsWith('.') || !name.endsWith('.ts');
      const isAllowed = isPackageOrData || mayImport(folderOf(path), folderOf(join(dirname(path), name)));
      return isAllowed ? [] : [`${path} imports ${name}`];
    }),
  );
}

describe('the arrows around the function', () => {
  const files = Object.fromEntries(
    globSync(['infra/**/*.ts', 'test/support/**/*.ts'], { cwd: PROJECT }).map((path) => [
      path,
      readFileSync(join(PROJECT, path), 'utf8'),
    ]),
  );

  test('belong to folders that are all listed', () => {
    expect([...new Set(Object.keys(files).map(folderOf))].sort()).toEqual(
      [...Object.keys(ARROWS), SUPPORT].sort(),
    );
  });

  test('are these and no others', () => {
    expect(brokenArrows(files)).toEqual([]);
  });

  test('are all needed', () => {
    const needed = Object.entries(files).flatMap(([path, source]) =>
      importsOf(source).map(({ name }) => `${folderOf(path)} to ${folderOf(join(dirname(path), name))}`),
    );
    for (const [from, folders] of Object.entries(ARROWS)) {
      for (const to of folders) expect(needed).toContain(`${from} to ${to}`);
    }
  });

  test.each([
    ['the deployed stack knows no local run', 'infra/x.ts', './local/stack.ts'],
    ['nor the table of what it costs', 'infra/stack.ts', './capacity/model.ts'],
    ['alarms know no storage', 'infra/monitoring/x.ts', '../../lambda/storage/client.ts'],
    ['the local run knows nothing that tests have', 'infra/local/x.ts', '../../test/support/table.ts'],
    ['the smoke test knows nothing of the inside', 'infra/smoke/x.ts', '../../lambda/domain/errors.ts'],
    ['what tests have in common knows no test', 'test/support/x.ts', '../unit/http/chain.ts'],
    ['nobody imports the handler', 'infra/local/x.ts', '../../lambda/handler.ts'],
  ])('would be broken by this, which shows that the check can fail: %s', (_rule, path, name) => {
    expect(brokenArrows({ [path]: `import { x } from '${name}';` })).toEqual([`${path} imports ${name}`]);
  });
});
