/** `import x from 'y'`, `export x from 'y'`, `import 'y'`, `import('y')`. */
const IMPORT =
  /^(?:import|export)\s(?<type>type\s)?[^'"]*?from\s+['"](?<from>[^'"]+)['"]|\bimport\s*\(?\s*['"](?<bare>[^'"]+)['"]/gm;

/** One import of a file. */
export interface Import {
  /** What is imported: a path that begins with a dot, or a package. */
  readonly name: string;
  /** Whether only types are, of which nothing is left when the file runs. */
  readonly isType: boolean;
}

/** Lists what a file imports, by its source. */
export function importsOf(source: string): Import[] {
  return [...source.matchAll(IMPORT)].map(({ groups = {} }) => ({
    name: groups.from ?? groups.bare ?? '',
    isType: groups.type !== undefined,
  }));
}
