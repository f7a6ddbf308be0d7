import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, test } from 'vitest';

const LAMBDA = join(import.meta.dirname, '../../lambda');

/** The parts of the function: its three folders, and the files beside them. */
type Part = 'domain' | 'http' | 'storage' | 'config' | 'observability' | 'handler';

/** What a part may import: which other parts, which packages. */
const RULES: Readonly<Record<Part, { parts: readonly Part[]; packages: RegExp }>> = {
  domain: { parts: [], packages: /(?!)/ },
  // What cuts across, and validation. Of AWS only the types of an event and its answer.
  http: { parts: ['domain'], packages: /^(@middy\/.+|ajv|negotiator|node:buffer|type aws-lambda)$/ },
  storage: { parts: ['domain'], packages: /^@(aws-sdk|smithy)\/.+$/ },
  // Values of the domain, such as a time zone, and nothing of the ways in and out.
  config: { parts: ['domain'], packages: /(?!)/ },
  observability: { parts: [], packages: /(?!)/ },
  handler: { parts: ['domain', 'http', 'storage', 'config', 'observability'], packages: /^@middy\/core$/ },
};

/** `import x from 'y'`, `export x from 'y'`, `import 'y'`, `import('y')`. */
const IMPORT =
  /^(?:import|export)\s(?<type>type\s)?[^'"]*?from\s+['"](?<from>[^'"]+)['"]|\bimport\s*\(?\s*['"](?<bare>[^'"]+)['"]/gm;

/** The imports of these files, by their paths in `lambda/`, that no rule allows. */
function violations(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([path, source]) => {
    const { parts, packages } = RULES[partOf(path)];
    return [...source.matchAll(IMPORT)].flatMap(({ groups = {} }) => {
      const name = groups.from ?? groups.bare ?? '';
      const isAllowed = name.startsWith('.')
        ? [partOf(path), ...parts].includes(partOf(join(dirname(path), name)))
        : packages.test(name) || (groups.type !== undefined && packages.test(`type ${name}`));
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
