import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const PROJECT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

/** The anchors of a document's headings, as GitHub makes them. */
const listAnchors = (document: string) =>
  [...document.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\-_ ]/gu, '')
      .replaceAll(' ', '-'),
  );

const paths = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md'], { cwd: PROJECT }).sort();

describe.each(paths)('%s', (path) => {
  const document = read(path);

  test('every relative link leads to an existing file and heading', () => {
    const links = [...document.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)];
    for (const [link, file = '', anchor] of links) {
      const target = file === '' ? path : join(dirname(path), file);
      expect(existsSync(join(PROJECT, target)), link).toBe(true);
      if (anchor !== undefined) expect(listAnchors(read(target)), link).toContain(anchor);
    }
  });

  test('every npm script that it names exists', () => {
    for (const [, script = ''] of document.matchAll(/\bnpm run (?:--silent )?([a-z][a-z0-9:-]*)/g)) {
      expect(Object.keys(packageJson.scripts)).toContain(script);
    }
  });

  test('every file and folder of the repository that it names exists', () => {
    for (const [, named = ''] of document.matchAll(/`((?:lambda|infra|tools|test|docs)\/[\w./-]*)`/g)) {
      expect(existsSync(join(PROJECT, named)), named).toBe(true);
    }
  });
});
