import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from '../../infra/read-settings.ts';
import { type Definition, definitions } from '../../infra/settings.ts';

const document = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8');

/** The rows that the table of the document must have, without the spaces that line its columns up. */
const rows = Object.entries<Definition<unknown>>(definitions).map(([name, definition]) => {
  const value = definition.default === undefined ? '' : `\`${definition.default}\` `;
  return `| \`${name}\` | ${value}| ${definition.allowed} | ${definition.description} |`;
});

test('the table of settings in docs/deploying.md has the names, defaults and sentences of the code', () => {
  const [, section = ''] = document.split('\n## Settings\n');
  const [text = ''] = section.split('\n## ');
  const [, , ...lines] = text.split('\n').filter((line) => line.startsWith('|'));
  expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual(rows);
});

/** Every block of JSON in the document. It shows a part of `cdk.json`. */
const examples = [...document.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json));

test.each(examples)('docs/deploying.md shows stages whose settings are accepted (%#)', ({ context }) => {
  expect(Object.keys(context.stages).length).toBeGreaterThan(0);
  for (const stage of Object.keys(context.stages)) {
    expect(readSettings({ ...context, stage })).toHaveProperty('stage', stage);
  }
});
