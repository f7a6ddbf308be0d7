import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '../../..');
const page = readFileSync(join(PROJECT, 'docs/reliability.md'), 'utf8');

/** The lines of the tables, without their heads. */
const promises = [...page.matchAll(/^\| (?!(?:promise|fault|case) \|)(.+) \| (.+) \|$/gm)].map(
  ([, promise, heldBy]) => ({
    promise,
    heldBy,
  }),
);

test('there are promises', () => expect(promises.length).toBeGreaterThan(15));

test.each(promises)('$promise is held by a test of that name', ({ heldBy }) => {
  const [, file = '', name = ''] = /^`(test\/.+\.test\.ts)`: (.+)$/.exec(heldBy ?? '') ?? [];
  expect(readFileSync(join(PROJECT, file), 'utf8').toLowerCase()).toContain(name.toLowerCase());
});
