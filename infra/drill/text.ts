/** No line is longer, but for what must be copied whole. */
export const WIDTH = 110;

/**
 * Breaks text into lines.
 *
 * @param text words, with blanks between them.
 * @param indent what each line begins with.
 * @param width the longest line, the indent included.
 */
export function wrap(text: string, indent = '  ', width = WIDTH): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => indent + each).join('\n');
}

/**
 * Lines columns up.
 *
 * @param rows texts, as many in each row; the first row may be a head.
 * @returns a line a row, two blanks between columns.
 */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Says how often each text occurs, in the order in which they came first: `503 store_unavailable 3×, 200 repeated`. */
export function tally(texts: readonly string[]): string {
  return [...Map.groupBy(texts, (text) => text)]
    .map(([text, all]) => (all.length === 1 ? text : `${text} ${all.length}×`))
    .join(', ');
}

/** Says a number of minutes. */
export const minutes = (count: number): string => (count === 1 ? '1 minute' : `${count} minutes`);
