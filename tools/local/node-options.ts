/**
 * Takes the debugger out of Node.js options, for a process that is started by one that has them: of all processes
 * that are told one port only the first gets it, and each further one complains of it.
 *
 * @param options the value of `NODE_OPTIONS`, if it is set.
 * @returns the options without `--inspect`, `--inspect-brk` and the like; the others, such as `--require`, stay.
 */
export function withoutInspector(options = ''): string {
  return options.replaceAll(/(?<!\S)--inspect\S*(\s+[^-\s]\S*)?\s*/g, '').trim();
}
