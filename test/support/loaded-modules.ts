import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A module of Node.js that a bundle has loaded. */
export interface LoadedModule {
  /** Its name. Of Node.js's own, which differ from one version to the next, the first two parts: `internal/webstreams`. */
  readonly name: string;
  /** The source files that may have asked for it, where the bundle is not minified. */
  readonly askedBy: readonly string[];
}

/**
 * Loads a bundle in a process of its own, where `node:http` is loaded, as it is by AWS's runtime client, and hands it
 * one event.
 *
 * @param file the bundle.
 * @param variables the environment variables of the function.
 * @returns the modules that it has loaded until its answer, by name.
 * @throws {Error} when it does not answer 200.
 */
export async function loadedModules(
  file: string,
  event: object,
  variables: Readonly<Record<string, string>>,
): Promise<LoadedModule[]> {
  const script = join(import.meta.dirname, 'report-modules.mjs');
  const child = spawn(process.execPath, [script, file, JSON.stringify(event)], {
    env: variables,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  child.stdout?.resume();
  const [report] = await Promise.all([text(child.stdio[3] as NodeJS.ReadableStream), once(child, 'exit')]);
  const { statusCode, loaded } = JSON.parse(report) as {
    statusCode: number;
    loaded: { id: string; stack: string }[];
  };
  if (statusCode !== 200) throw new Error(`The bundle answers ${statusCode}.`);
  const lines = readFileSync(file, 'utf8').split('\n');
  const modules = new Map<string, LoadedModule>();
  for (const { id, stack } of loaded) {
    const name = id.startsWith('internal/') ? id.split('/', 2).join('/') : id;
    if (modules.has(name)) continue;
    const source = sourceOf(stack, file, lines);
    modules.set(name, { name, askedBy: source === undefined ? mentionsOf(name, lines) : [source] });
  }
  return [...modules.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Finds the source file of the first frame in the bundle: esbuild writes its path above its code. */
function sourceOf(stack: string, file: string, lines: readonly string[]): string | undefined {
  const frames = stack.split('\n').filter((frame) => frame.includes(basename(file)));
  for (const frame of frames) {
    const [, line] = /:(\d+):\d+\)?$/.exec(frame) ?? [];
    const above = lines.slice(0, Number(line)).findLast((text) => SOURCE_PATH.test(text)) ?? '';
    const [, path = ''] = SOURCE_PATH.exec(above) ?? [];
    if (path !== '' && !path.startsWith('builtin:')) return path;
  }
  return undefined;
}

/** Globals whose use loads a module, and leaves no trace. */
const GLOBALS: Readonly<Record<string, RegExp>> = {
  'internal/webstreams': /\b(?:Readable|Writable|Transform)Stream\b/,
};

/** Finds the source files that mention a global which loads a module. */
function mentionsOf(name: string, lines: readonly string[]): string[] {
  const files = new Set<string>();
  let path = '';
  for (const line of lines) {
    path = SOURCE_PATH.exec(line)?.[1] ?? path;
    if (GLOBALS[name]?.test(line)) files.add(path);
  }
  return [...files];
}

/** A comment, or the key of a CommonJS module. */
const SOURCE_PATH = /^(?:\/\/ |\s+")([\w@.:/-]+\.[cm]?[jt]s|builtin:[\w:/]+)/;
