import { styleText } from 'node:util';
import { escapeControlCharacters } from '../cli.ts';
import type { Report, Result } from './run.ts';

const NAME_WIDTH = 50;
const SUMMARY_WIDTH = 32;

/** A difference is cut after that many characters: a body may be long, and is not this service's. */
const LONGEST = 600;

/** The head of the table. */
export function headLine(): string {
  return styleText(
    'dim',
    `  ${'check'.padEnd(NAME_WIDTH)} ${'must be'.padEnd(SUMMARY_WIDTH)} ${'time'.padStart(8)}`,
  );
}

/**
 * Shows a result: a line, and below it one for each difference.
 *
 * @param result what was checked.
 * @returns the lines; in colours if standard output is a terminal.
 */
export function resultLines({ check, answer, differences }: Result): string {
  const isRight = differences.length === 0;
  const mark = isRight ? styleText('green', '✓') : styleText('red', '✗');
  const ms = answer === undefined ? '' : `${answer.ms.toFixed(0)} ms`;
  const columns = [
    mark,
    check.name.padEnd(NAME_WIDTH),
    check.expected.summary.padEnd(SUMMARY_WIDTH),
    ms.padStart(8),
  ];
  const details = differences.map((difference) =>
    styleText('red', `    ${cut(escapeControlCharacters(difference))}.`),
  );
  return [columns.join(' '), ...details].join('\n');
}

/** Shows what came of the whole run, in two sentences. */
export function summaryLines({ results, times }: Report): string {
  const wrong = results.filter(({ differences }) => differences.length > 0).length;
  const verdict =
    wrong === 0
      ? styleText('green', `All ${results.length} checks are as the contract says.`)
      : styleText('red', `${wrong} of ${results.length} checks differ from the contract.`);
  const { first, inARow } = times;
  const [median, worst] = [inARow[Math.floor(inARow.length / 2)], inARow.at(-1)].map((ms = Number.NaN) =>
    ms.toFixed(0),
  );
  return [
    `Answer times: the first ${first.toFixed(0)} ms; then, of ${inARow.length} in a row, median ${median} ms, worst ${worst} ms.`,
    verdict,
  ].join('\n');
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
