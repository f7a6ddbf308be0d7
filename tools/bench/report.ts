import { BASELINE } from './contenders.ts';
import { median, ratio, type Samples, spread } from './statistics.ts';

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly samples: Samples;
}

/**
 * Makes a Markdown table: for each contender the median, its ratio to the baseline's and the spread.
 *
 * @param names the contenders, in the order of the columns.
 * @param rows what was measured. A text is a heading.
 */
export function formatTable(names: readonly string[], rows: readonly (Row | string)[]): string {
  const lines = rows.map((row) =>
    typeof row === 'string'
      ? [`**${row}**`, ...names.map(() => '')]
      : [row.title, ...names.map((name) => cell(row, name))],
  );
  const alignment = ['---', ...names.map(() => '--:')];
  return [['', ...names], alignment, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cell({ samples }: Row, name: string): string {
  const values = samples.get(name);
  const baseline = samples.get(BASELINE);
  if (values === undefined) return '';
  const parts = [formatNumber(median(values))];
  const isPositive = [...samples.values()].flat().every((value) => value > 0);
  if (isPositive && baseline !== undefined) parts.push(`${ratio(values, baseline).toFixed(2)}×`);
  if (values.length > 1) parts.push(`±${Math.round(spread(values) * 100)}%`);
  return parts.join(' ');
}

/** Writes a value with three digits, or as a whole number from 1,000. */
export function formatNumber(value: number): string {
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
