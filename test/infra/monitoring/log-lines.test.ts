import { beforeAll, expect, test } from 'vitest';
import { listAccessLogFields } from '../../../infra/logs.ts';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { NONEXISTENT_ID } from '../../../lambda/domain/connection.ts';
import { ROUTE_PATH } from '../../../lambda/http/event.ts';
import { type LogLine, recordOutcomes } from '../../support/recorded-outcomes.ts';
import { listProperties, type Resource, synthTemplate, writeValue } from '../synth.ts';

const template = synthTemplate();

/** A line of the gateway's log for a call of the route: strings, `-` where there is no value. */
function writeAccessLine(values: LogLine = {}): LogLine {
  const fields = listAccessLogFields({ truststoreUri: 's3://trust/store.pem', logCaller: false });
  const empty = Object.fromEntries(Object.keys(fields).map((name) => [name, '-']));
  return { ...empty, route_key: `PUT ${ROUTE_PATH}`, source_ip: '192.0.2.1', ...values };
}

/** Lambda's report of a call that failed: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
const REPORT: LogLine = {
  type: 'platform.report',
  record: {
    requestId: 'f-1',
    status: 'timeout',
    errorType: 'Sandbox.Timedout',
    metrics: { durationMs: 10_000, maxMemoryUsedMB: 90 },
  },
};
/** An error that nothing caught, as `LogPatch` of aws-lambda-ric 4.0.2 writes it with `AWS_LAMBDA_LOG_FORMAT=JSON`. */
const UNHANDLED: LogLine = {
  timestamp: '2026-11-29T21:27:13.852Z',
  level: 'ERROR',
  requestId: 'f-1',
  message: { errorType: 'TypeError', errorMessage: 'x', stackTrace: ['TypeError: x'] },
};

let outcomes: Readonly<Record<string, LogLine>>;

beforeAll(async () => {
  outcomes = await recordOutcomes();
});

test.each([
  ['throttled', ['429']],
  ['failures', ['internal_error', 'store_unavailable']],
  ['defects', ['internal_error']],
])('the metric filter %s counts only lines of %j', (metric, counted) => {
  const filter = listProperties(template, 'AWS::Logs::MetricFilter').find(
    ({ MetricTransformations }) => MetricTransformations[0].MetricName === metric,
  );
  // The part of the syntax that is used, in which a text is compared with a text only.
  const [, field = '', operator, value = ''] =
    /^\{ \$\.(\w+) (=|>=) (.+) \}$/.exec(filter?.FilterPattern) ?? [];
  const expected = JSON.parse(value);
  const isCounted = (line: LogLine) =>
    operator === '=' ? line[field] === expected : Number(line[field]) >= expected;
  const access = ['200', '400', '429', '503'].map((status) => [status, writeAccessLine({ status })] as const);
  const lines = metric === 'throttled' ? access : Object.entries(outcomes);
  expect(lines.filter(([, line]) => isCounted(line)).map(([name]) => name)).toEqual(counted);
});

function passFilter(
  { Match, In, NotIn, GreaterThan = -Infinity, LessThan = Infinity }: Resource,
  line: LogLine,
): boolean {
  const value = line[Match.slice(2)];
  if (In) return In.includes(value);
  if (NotIn) return !NotIn.includes(value);
  return typeof value === 'number' && value > GreaterThan && value < LessThan;
}

/** The contributors that a rule counts in lines. A line without the key is of none. */
function listContributors(rule: string, lines: readonly LogLine[]): unknown[] {
  const { RuleBody } =
    listProperties(template, 'AWS::CloudWatch::InsightRule').find(({ RuleName }) =>
      RuleName.endsWith(rule),
    ) ?? {};
  const { Keys, Filters } = JSON.parse(writeValue(RuleBody)).Contribution;
  expect(Filters.length).toBeLessThanOrEqual(4);
  return lines
    .filter((line) => Filters.every((filter: Resource) => passFilter(filter, line)))
    .flatMap((line) => line[Keys[0].slice(2)] ?? []);
}

test('refused-terminals counts terminals that the function refused: by terminal_id, else by the id, and not the probe', () => {
  const byId = (id: string) => ({ status: 404, contributor: id });
  const lines = [...Object.values(outcomes), byId('an id'), byId(NONEXISTENT_ID)];
  expect(listContributors('refused-terminals', lines)).toEqual(['T-0413', 'T-0412', 'an id']);
});

test('refused-addresses counts addresses that the gateway refused on the route, or whose requests name no terminal', () => {
  const statuses = ['200', '400', '401', '403', '404', '409', '413', '415', '429', '500'];
  const lines = statuses.map((status) => writeAccessLine({ status, source_ip: status }));
  const elsewhere = writeAccessLine({ status: '403', route_key: '-' });
  expect(listContributors('refused-addresses', [...lines, elsewhere])).toEqual(['401', '403', '413', '415']);
});

/** The paths to the values of a line, as queries name them: `cause.name`. */
function listPaths(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) => listPaths(inner, path ? `${path}.${name}` : name));
}

const WORDS =
  'fields filter stats sort limit parse by as and or not in like asc desc ispresent count count_distinct latest min max sum pct';

/** Every name in a query that is not a word of the language, a text or a name that it gives. */
function listFields(query: string): string[] {
  const code = query.replace(/"[^"]*"|\/(?:[^/[]|\[[^\]]*\])*\//g, '');
  const given = [...query.matchAll(/ as (\w+)|\(\?<(\w+)>/g)].map(([, name, group]) => name ?? group);
  const names = code.match(/@?[A-Za-z_][\w.]*/g) ?? [];
  return names.filter((name) => !WORDS.split(' ').includes(name) && !given.includes(name));
}

test.each(Object.entries(SAVED_QUERIES))(
  'the query %s reads fields that its logs hold',
  (_, { text, logs }) => {
    const platform = [REPORT, UNHANDLED];
    const lines = {
      function: [...Object.values(outcomes), ...platform],
      access: [writeAccessLine()],
      probe: platform,
    };
    const held = logs.flatMap((log) => lines[log].flatMap((line) => listPaths(line)));
    expect(listFields(text).length).toBeGreaterThan(0);
    for (const field of listFields(text)) expect(['@timestamp', '@log', ...held]).toContain(field);
  },
);

test('a stage without a probe has no query over its log', () => {
  const names = listProperties(synthTemplate({ probe: false }), 'AWS::Logs::QueryDefinition').map(
    ({ Name }) => Name,
  );
  expect(names).toHaveLength(Object.keys(SAVED_QUERIES).length - 1);
  expect(names.join()).not.toContain('probe-failures');
});
