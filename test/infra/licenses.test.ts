import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, LICENSES } from '../../infra/build.ts';
import { licensedPackages, licenseList } from '../../infra/licenses.ts';
import { bundledPackages } from '../support/bundle-packages.ts';

/** Terms that ask for nothing but their text. Others are to be decided on. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

let metafile: Metafile;

beforeAll(async () => {
  ({ metafile } = await build());
});

const PROJECT = join(import.meta.dirname, '../..');
const list = () => readFileSync(LICENSES, 'utf8');

describe('dist/licenses.txt', () => {
  test('names every package of which the bundle holds code', () => {
    const names = licensedPackages(metafile, PROJECT).map(({ name }) => name);
    const bundled = bundledPackages(metafile).map(({ name }) =>
      name.replace(/^(@[^/]+\/)?([^/]+).*$/, '$1$2'),
    );
    expect(names).toEqual([...new Set(bundled)].sort());
    for (const name of names)
      expect(list()).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+.* \\(.+\\)$`, 'm'));
  });

  test('holds the text of each, and none asks for more than that', () => {
    for (const { name, license, text } of licensedPackages(metafile, PROJECT)) {
      expect(PERMISSIVE, name).toContain(license);
      expect(list()).toContain(text);
    }
  });

  test('is the same for the same sources', async () => {
    const before = list();
    await build();
    expect(list()).toBe(before);
  });
});

test('npm run sbom lists every package of the bundle as one that is deployed, and what is for development as that', () => {
  const sbom = JSON.parse(
    execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: PROJECT, encoding: 'utf8' }),
  );
  const components: { purl: string; properties?: { name: string }[] }[] = sbom.components;
  const isDevelopment = (purl: string) =>
    components
      .find((component) => decodeURIComponent(component.purl) === purl)
      ?.properties?.some(({ name }) => name === 'cdx:npm:package:development');
  for (const { name, version } of licensedPackages(metafile, PROJECT)) {
    expect(isDevelopment(`pkg:npm/${name}@${version}`), name).toBe(false);
  }
  expect(components.some(({ purl }) => isDevelopment(decodeURIComponent(purl)))).toBe(true);
});

describe('a package in the bundle', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'licenses-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const install = (name: string, manifest: object, files: Readonly<Record<string, string>> = {}): void => {
    const own = join(folder, 'node_modules', name);
    mkdirSync(own, { recursive: true });
    const all = { 'package.json': JSON.stringify({ name, version: '1.2.3', ...manifest }), ...files };
    for (const [file, text] of Object.entries(all)) writeFileSync(join(own, file), text);
  };
  const holding = (...files: string[]) => {
    const inputs = Object.fromEntries(files.map((file) => [file, { bytesInOutput: 1 }]));
    return { inputs: {}, outputs: { 'index.mjs': { bytes: 1, inputs, imports: [], exports: [] } } };
  };

  test('that does not say on what terms it is ends the build', () => {
    install('untitled', {}, { LICENSE: 'text' });
    expect(() => licensedPackages(holding('node_modules/untitled/a.js'), folder)).toThrow(/^untitled /);
  });

  test('that comes without the text is named with whose it is', () => {
    install('@scope/textless', { license: 'MIT', author: 'Ada', homepage: 'https://example.com' });
    expect(licenseList(licensedPackages(holding('node_modules/@scope/textless/a/b.js'), folder))).toMatch(
      /\n@scope\/textless 1\.2\.3 \(MIT\)\n\n.* Ada, .* https:\/\/example\.com\.\n$/,
    );
  });

  test('of the same text as another shares it, and what is not in the output is not in the list', () => {
    install('b', { license: 'MIT' }, { 'LICENSE.md': 'Same.\r\n' });
    install('a', { license: 'MIT' }, { license: 'Same.\n' });
    const metafile = holding(
      'lambda/handler.ts',
      'node_modules/b/b.js',
      'node_modules/a/a.js',
      'node_modules/a/c.js',
    );
    Object.assign(metafile.outputs['index.mjs'].inputs, { 'node_modules/gone/a.js': { bytesInOutput: 0 } });
    expect(licenseList(licensedPackages(metafile, folder))).toMatch(
      /\n\na 1\.2\.3 \(MIT\)\nb 1\.2\.3 \(MIT\)\n\nSame\.\n$/,
    );
  });
});
