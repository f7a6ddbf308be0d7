import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of which a bundle holds code, and on what terms. */
export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** The SPDX expression of its `package.json`. */
  readonly license: string;
  /** The text that has to go with its code; where the package has none, whose it is. */
  readonly text: string;
}

/**
 * Finds the terms of all that a bundle holds besides the project's own code.
 *
 * @param metafile esbuild's report of the bundle.
 * @param project the folder that its paths are relative to.
 * @returns the packages, by name.
 * @throws {Error} when one does not say on what terms it is.
 */
export function licensedPackages(metafile: Metafile, project: string): LicensedPackage[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([file, { bytesInOutput }]) => {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/')) ?? [];
    return folder === undefined || bytesInOutput === 0 ? [] : [folder];
  });
  return [...new Set(folders)]
    .map((folder) => licensedPackage(join(project, folder)))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function licensedPackage(folder: string): LicensedPackage {
  const { name, version, license, author, homepage } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  if (typeof license !== 'string') {
    throw new Error(`${name} is in the bundle, but its package.json does not say on what terms.`);
  }
  const [file] = globSync('{LICENSE,LICENCE,license}*', { cwd: folder }).sort();
  const text =
    file === undefined
      ? `The package holds no text of its licence. Its author is ${author?.name ?? author}, its home ${homepage}.`
      : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  return { name, version, license, text };
}

/** Writes the packages and their terms for a person, each text once. */
export function licenseList(packages: readonly LicensedPackage[]): string {
  const byText = Map.groupBy(packages, ({ text }) => text);
  const sections = [...byText].map(([text, same]) => {
    const names = same.map(({ name, version, license }) => `${name} ${version} (${license})`);
    return `${names.join('\n')}\n\n${text}\n`;
  });
  return [
    'What the bundle in dist/lambda holds besides the code of this repository, and on what terms.\n',
    ...sections,
  ].join(`\n${'─'.repeat(80)}\n\n`);
}
