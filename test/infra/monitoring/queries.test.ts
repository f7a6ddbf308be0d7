import { beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../../infra/logs.ts';
import type { Outcome } from '../../../infra/monitoring/metrics.ts';
import { type QueriedLogs, SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { type LogLine, recordOutcomes } from '../../support/recorded-outcomes.ts';
import { synthTemplate } from '../synth.ts';

/**
 * What Lambda writes of itself in JSON, as far as it is queried.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html has `type` and `record`,
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html the level and error of a crash.
 */
const PLATFORM_FIELDS = [
  'type',
  'level',
  'errorType',
  'errorMessage',
  'requestId',
  'record.requestId',
  'record.status',
  'record.errorType',
  'record.metrics.durationMs',
  'record.metrics.initDurationMs',
  'record.metrics.maxMemoryUsedMB',
];

/** What CloudWatch itself adds to each line. */
const SYSTEM_FIELDS = ['@timestamp', '@message', '@log'];

/** The words of the query language that the queries use. */
const WORDS = [
  ...[
    'fields',
    'filter',
    'stats',
    'sort',
    'limit',
    'parse',
    'by',
    'as',
    'and',
    'or',
    'not',
    'in',
    'like',
    'asc',
    'desc',
  ],
  ...['ispresent', 'count', 'count_distinct', 'latest', 'min', 'max', 'sum', 'pct', 'bin'],
];

let lines: Readonly<Record<Outcome, LogLine>>;
let written: readonly string[];

beforeAll(async () => {
  lines = await recordOutcomes();
  written = Object.values(lines).flatMap((line) => pathsOf(line));
});

/** The fields of a line as queries name them: `cause.name`. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, path ? `${path}.${name}` : name));
}

/** The fields that a query reads: every name in it that is not a word of the language, a text or a name it gives. */
function fieldsOf(query: string): string[] {
  const code = query.replace(/"[^"]*"|\/[^/]*\/|bin\(\d+[a-z]\)/g, '');
  const given = [...query.matchAll(/ as (\w+)|\(\?<(\w+)>/g)].map(([, name, group]) => name ?? group);
  const names = code.match(/@?[A-Za-z_][\w.]*/g) ?? [];
  return names.filter((name) => !WORDS.includes(name) && !given.includes(name));
}

describe.each(SAVED_QUERIES.map((query) => [query.id, query] as const))(
  'the saved query %s',
  (_id, { text, logs }) => {
    test('reads fields that its logs hold', () => {
      const there = [
        ...SYSTEM_FIELDS,
        ...(logs.includes('function') ? [...written, ...PLATFORM_FIELDS] : []),
        ...(logs.includes('access') ? Object.keys(ACCESS_LOG_FIELDS) : []),
        ...(logs.includes('probe') ? PLATFORM_FIELDS : []),
      ];
      expect(fieldsOf(text).length).toBeGreaterThan(0);
      for (const field of fieldsOf(text)) expect(there).toContain(field);
    });
  },
);

test('every query is saved in a folder of the stack, over the log groups that it reads', () => {
  const template = synthTemplate();
  const saved = Object.values(template.findResources('AWS::Logs::QueryDefinition'));
  const logOf: Record<keyof QueriedLogs, unknown> = {
    function: { Ref: expect.stringMatching(/^LogoutLog/) },
    access: { Ref: expect.stringMatching(/AccessLog/) },
    probe: { Ref: expect.stringMatching(/Probe/) },
  };
  expect(saved.map(({ Properties }) => Properties)).toEqual(
    SAVED_QUERIES.map(({ id, text, logs }) => ({
      Name: `connection-logout-prod/${id}`,
      QueryString: text,
      LogGroupNames: logs.map((log) => logOf[log]),
    })),
  );
});

test('without a probe the query over its log is not saved', () => {
  const saved = Object.values(synthTemplate({ probe: false }).findResources('AWS::Logs::QueryDefinition'));
  expect(saved).toHaveLength(SAVED_QUERIES.filter(({ logs }) => !logs.includes('probe')).length);
});
