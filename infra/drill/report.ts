import { styleText } from 'node:util';
import type { TemplateAlarm } from '../../test/support/alarm-replay.ts';
import type { DrillResult, QueryRun } from './game-day.ts';
import type { QueryResult } from './insights/query.ts';
import { MINUTES } from './minutes.ts';
import type { LogLine } from './recording.ts';
import { RUNBOOK } from './runbook.ts';
import { columns, minutes, tally, WIDTH, wrap } from './text.ts';

/** So many rows of a query's result are shown. */
const MOST_ROWS = 5;
/** A result that is wider is shown as names and values, a row below the other. */
const WIDEST_TABLE = 128;
/** A value of a result is cut after that many characters. */
const LONGEST_VALUE = 70;

/** Holds two words on one line: JSON has none, since it writes it escaped. */
const TOGETHER = '\u0001';

const bold = (text: string) => styleText('bold', text);
const dim = (text: string) => styleText('dim', text);

/** How seconds become minutes: said once, before the first fault. */
export const METHOD = wrap(
  'Alarms judge minutes, and a drill lasts seconds. So what was recorded is played in a loop, at the pace at which ' +
    `it came: ${MINUTES.before} minutes of healthy requests, ${MINUTES.fault} of broken ones, and healthy ones ` +
    'again. The figures are those of the recorded requests, of the metrics in their log lines, and of what the table ' +
    'was made to do; the alarms are those of the synthesized template, stage prod. CloudWatch gets its figures a ' +
    'minute or two late: add that.',
  '',
);

/** What is printed when a fault begins. */
export function headLines({ name, breaks, seconds }: DrillResult['fault']): string {
  const rule = '─'.repeat(WIDTH - name.length - 4);
  return `${bold(`── ${name} ${rule}`)}\n${wrap(`${breaks} For ${seconds} seconds; then it is mended.`, '')}`;
}

/** Everything that a person wants to see of a drill. */
export function reportLines(result: DrillResult, stackName: string): string {
  return [
    terminalLines(result),
    logLines(result),
    alarmLines(result, stackName),
    ...result.queries.map((run) => queryLines(run, stackName)),
    runbookLines(result),
    ...(result.missing.length > 0 ? [missingLines(result)] : []),
  ].join('\n\n');
}

function terminalLines({ outcomes, broken }: DrillResult): string {
  const rows = outcomes.map(({ story: { terminal, answers }, answers: texts, wrong }) => {
    const [first, last] = [answers[0], answers.at(-1)];
    const seconds = first && last ? (last.sentAt + last.ms - first.sentAt) / 1_000 : Number.NaN;
    return [
      terminal.id,
      terminal.type,
      terminal.speaks,
      tally(texts),
      wrong === undefined ? `✓ logged out, after ${seconds.toFixed(1)} s` : `✗ ${wrong}`,
    ];
  });
  const times = broken.requests.map(({ served }) => served.ms).toSorted((a, b) => a - b);
  const meanwhile = tally(broken.requests.map(({ served }) => `${served.status} ${served.code}`));
  return [
    `${bold('Terminals')}  what each was answered, and what the table holds of it in the end`,
    ...columns(rows).map((line) => `  ${coloured(line)}`),
    dim(`  While it was broken: ${meanwhile}; in ${times[0]} to ${times.at(-1)} ms.`),
  ].join('\n');
}

const coloured = (line: string) =>
  line.replace(/✓.*$/, (text) => styleText('green', text)).replace(/✗.*$/, (text) => styleText('red', text));

function logLines({ line, fault }: DrillResult): string {
  const head = `${bold('Log line')}  of the first ${fault.answer}`;
  if (line === undefined) return `${head}: there is none`;
  return `${head}; the metrics in _aws, and most of the stack, are left out\n${wrap(folded(line)).replaceAll(TOGETHER, ' ')}`;
}

/** The line without what nobody reads: one frame of a stack is enough to see what it is. */
function folded({ _aws, requests, ...line }: LogLine): string {
  const cause = line.cause as { stack?: string } | undefined;
  const shown = { ...line, ...(cause && { cause: { ...cause, stack: firstFrame(cause.stack ?? '') } }) };
  // A name and its value stay together where lines are broken.
  return JSON.stringify(shown, null, 1).replace(/\n\s*/g, ' ').replaceAll('": ', `":${TOGETHER}`);
}

function firstFrame(stack: string): string {
  const [first = '', ...more] = stack.split('\n');
  return more.length === 0 ? first : `${first} … and ${more.length} more`;
}

function alarmLines({ firings, fault }: DrillResult, stackName: string): string {
  const rows = firings.map(({ alarm, firesAfter, overAfter }) => {
    const id = idOf(alarm, stackName);
    const over = overAfter === undefined ? 'and stays on' : `over ${minutes(overAfter)} after it is mended`;
    const surprise = fault.alarms.includes(id) ? '' : 'not expected: was this machine busy?';
    return [alarm.name, `fires after ${minutes(firesAfter)}`, over, surprise];
  });
  const [first] = fault.alarms;
  const mail = firings.find(({ alarm }) => alarm.name === `${stackName}-${first}`)?.alarm.description ?? '';
  const [means = '', todo = ''] = mail.split('\n\n');
  return [
    `${bold('Alarms')}  of the template, over minutes made of the recorded seconds`,
    ...(rows.length > 0 ? columns(rows).map((line) => `  ${line}`) : ['  none fires']),
    ...(mail === '' ? [] : [wrap(`The mail of ${first}: ${means} ${todo}`, '  ')]),
  ].join('\n');
}

const idOf = ({ name }: TemplateAlarm, stackName: string) => name.slice(stackName.length + 1);

function queryLines({ query, text, result }: QueryRun, stackName: string): string {
  const { rows } = result;
  const logs = query.logs.map((log) => (log === 'access' ? "the gateway's log" : "the function's log"));
  return [
    `${bold('Query')}  ${stackName}/${query.id}, over ${logs.join(' and ')}: ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`,
    ...text.split('\n').map((line) => dim(wrap(line, '  '))),
    ...resultLines(result),
    ...(rows.length > MOST_ROWS ? [dim(`  … and ${rows.length - MOST_ROWS} more`)] : []),
  ].join('\n');
}

/** A table where it fits, else a block of name and value for each row. Columns without a value are left out. */
function resultLines({ columns: all, rows }: QueryResult): string[] {
  const isUsed = (_: string, column: number) => rows.some((row) => row[column] !== '');
  const names = all.filter(isUsed);
  const shown = rows.slice(0, MOST_ROWS).map((row) => row.filter(isUsed).map(cut));
  const table = columns([names, ...shown]);
  if (table.every((line) => line.length + 2 <= WIDEST_TABLE)) {
    return table.map((line, at) => `  ${at === 0 ? bold(line) : line}`);
  }
  const width = Math.max(...names.map((name) => name.length));
  return shown.flatMap((row, at) => [
    ...(at > 0 ? [''] : []),
    ...row.map((value, column) => `  ${bold((names[column] ?? '').padEnd(width))}  ${value}`),
  ]);
}

function cut(value: string): string {
  const [line = ''] = value.split('\n');
  return line.length > LONGEST_VALUE ? `${line.slice(0, LONGEST_VALUE)}…` : line;
}

function runbookLines({ section }: DrillResult): string {
  return [
    `${bold('Runbook')}  ${RUNBOOK}#${section.title}`,
    ...section.paragraphs.map((paragraph) => wrap(paragraph)),
    ...(section.table ? [wrap(`Its table: ${section.table}.`)] : []),
  ].join('\n');
}

function missingLines({ missing }: DrillResult): string {
  return missing.map((sentence) => styleText('red', `✗ ${sentence}`)).join('\n');
}

/**
 * One line for each fault, and a verdict.
 *
 * @param results of the faults that were drilled.
 */
export function summaryLines(results: readonly DrillResult[], stackName: string): string {
  const rows = results.map(({ fault, outcomes, firings, missing }) => {
    const loggedOut = outcomes.filter(({ wrong }) => wrong === undefined).length;
    const alarms = firings.map(({ alarm, firesAfter }) => `${idOf(alarm, stackName)} ${firesAfter}`);
    return [
      missing.length === 0 ? '✓' : '✗',
      fault.name,
      fault.answer,
      `${loggedOut} of ${outcomes.length}`,
      alarms.join(', ') || 'none',
      fault.queries.map(({ query }) => query).join(', '),
    ];
  });
  const [head = '', ...lines] = columns([
    ['', 'fault', 'terminals got', 'logged out', 'alarms, and after how many minutes', 'queries'],
    ...rows,
  ]);
  const wrong = results.flatMap(({ fault, missing }) => missing.map((each) => `${fault.name}: ${each}`));
  return [
    bold(head),
    ...lines.map((line) => line.replace('✓', styleText('green', '✓')).replace('✗', styleText('red', '✗'))),
    '',
    ...(wrong.length === 0
      ? [styleText('green', 'No logout was lost, none was false, and every fault was told.')]
      : wrong.map((each) => styleText('red', each))),
  ].join('\n');
}
