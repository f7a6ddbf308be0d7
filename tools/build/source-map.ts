import { SourceMap } from 'node:module';

/**
 * Makes what turns the stacks of the bundle into stacks of the sources.
 *
 * @param sourceMap the bundle's source map, as {@link build} returns it.
 * @returns a function that replaces each place in the bundle, such as `/var/task/index.mjs:3:4711`, by the file, line
 *   and column of the source.
 */
export function sourceStacks(sourceMap: string): (stack: string) => string {
  const map = new SourceMap(JSON.parse(sourceMap));
  return (stack) =>
    stack.replace(/(?:file:\/\/)?[^\s()]*\bindex\.mjs:(\d+):(\d+)/g, (place, line, column) => {
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      return 'originalSource' in entry
        ? `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
        : place;
    });
}
