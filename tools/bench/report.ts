import { BASE } from './contenders.ts';
import { median, type Samples, spread } from './statistics.ts';

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly samples: Samples;
}

/** Whether a row's values can be set in proportion: those that may be nought or less cannot. */
const hasRatio = ({ samples }: Row) => [...samples.values()].flat().every((value) => value > 0);

/**
 * Makes the table: for each contender the median, the ratio of it to the base's, and how far the middle half of the
 * values lies apart.
 *
 * @param names the contenders, in the order of the columns.
 * @param rows what was measured; titles without samples are headings.
 */
export function table(names: readonly string[], rows: readonly (Row | string)[]): string {
  const lines = rows.map((row) =>
    typeof row === 'string'
      ? [`**${row}**`, ...names.map(() => '')]
      : [row.title, ...names.map((name) => cell(row, name))],
  );
  const all = [['', ...names], ...lines];
  const widths = ['', ...names].map((_, column) =>
    Math.max(3, ...all.map((line) => line[column]?.length ?? 0)),
  );
  const text = (line: readonly string[]) =>
    `| ${line.map((value, column) => (column === 0 ? value.padEnd(widths[0] ?? 0) : value.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => `${'-'.repeat(width + 1)}${column === 0 ? '-' : ':'}`).join('|')}|`;
  return [text(all[0] as string[]), rule, ...all.slice(1).map(text)].join('\n');
}

function cell(row: Row, name: string): string {
  const values = row.samples.get(name);
  const base = row.samples.get(BASE);
  if (values === undefined || base === undefined) return '';
  const parts = [rounded(median(values))];
  if (hasRatio(row)) parts.push(`${(median(values) / median(base)).toFixed(2)}×`);
  if (values.length > 1) parts.push(`±${Math.round(spread(values) * 50)}%`);
  return parts.join(' ');
}

function rounded(value: number): string {
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
