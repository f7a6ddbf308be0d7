import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Definition, definitions } from '../../infra/settings.ts';

const document = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8');

/** The table of the document as the code has it, but for the blanks that the formatter lines columns up with. */
const table = [
  '| setting | default | may be | what it does |',
  ...Object.entries<Definition<unknown>>(definitions).map(
    ([name, { fallback, may, does }]) =>
      `| \`${name}\` | ${fallback === undefined ? '' : `\`${fallback}\` `}| ${may} | ${does} |`,
  ),
];

test('docs/deploying.md has the settings, their defaults and sentences as the code has them', () => {
  const [, section = ''] = document.split('\n## Settings\n');
  const [text = ''] = section.split('\n## ');
  const [head, _rule, ...rows] = text.split('\n').filter((line) => line.startsWith('|'));
  expect([head, ...rows].map((row) => row?.replace(/ +/g, ' '))).toEqual(table);
});

test('every setting is described in whole sentences', () => {
  for (const { does } of Object.values(definitions)) expect(does).toMatch(/^[A-Z].*\.$/);
});
