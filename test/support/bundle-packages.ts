import type { Metafile } from 'esbuild';

/** A package whose code is in a bundle. */
interface BundledPackage {
  /** Its name, such as `@smithy/core`. */
  readonly name: string;
  /** Its share of the bundle. */
  readonly bytes: number;
  /** The chain of imports from the entry point to the package's first file. */
  readonly path: readonly string[];
}

/** Reads from esbuild's report of a bundle which packages it holds. */
function bundledPackages(metafile: Metafile): BundledPackage[] {
  const packages = new Map<string, BundledPackage>();
  for (const { entryPoint, inputs } of Object.values(metafile.outputs)) {
    const paths = pathsFrom(entryPoint ?? '', metafile);
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(file);
      if (name === undefined || bytesInOutput === 0) continue;
      const { bytes = 0, path = [] } = packages.get(name) ?? {};
      const own = paths.get(file) ?? [file];
      const isShorter = path.length === 0 || own.length < path.length;
      packages.set(name, { name, bytes: bytes + bytesInOutput, path: isShorter ? own : path });
    }
  }
  return [...packages.values()];
}

/**
 * Says of each package that is not allowed what has dragged it in.
 *
 * @param allowed the names of those that are.
 */
export function intruders(metafile: Metafile, allowed: readonly string[]): string[] {
  return bundledPackages(metafile)
    .filter(({ name }) => !allowed.includes(name))
    .map(({ name, bytes, path }) => {
      const chain = path.map((file) => packageOf(file) ?? file).filter((step, i, all) => step !== all[i - 1]);
      return `The bundle holds ${bytes.toLocaleString('en')} bytes of ${name}, by ${chain.join(' > ')}.`;
    });
}

/** The package of a file; ajv counts in two parts, since its compiler is what must never get in. */
function packageOf(file: string): string | undefined {
  const [, name] = /.*node_modules\/(@[^/]+\/[^/]+|ajv\/dist\/runtime|[^/]+)/.exec(file) ?? [];
  return name;
}

/** The shortest way from a file to each that it imports, or that those import. */
function pathsFrom(entry: string, { inputs }: Metafile): Map<string, string[]> {
  const paths = new Map([[entry, [entry]]]);
  for (const [file, path] of paths) {
    for (const { path: next } of inputs[file]?.imports ?? []) {
      if (!paths.has(next)) paths.set(next, [...path, next]);
    }
  }
  return paths;
}
