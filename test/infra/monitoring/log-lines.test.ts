import { beforeAll, describe, expect, test } from 'vitest';
import { accessLogFields } from '../../../infra/logs.ts';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { NONEXISTENT_ID } from '../../../lambda/domain/connection.ts';
import { ROUTE_PATH } from '../../../lambda/http/event.ts';
import { recordOutcomes } from '../../support/recorded-outcomes.ts';
import { domain, resources, synthTemplate, writeValue } from '../synth.ts';

/** A line of a log, parsed. */
type Line = Readonly<Record<string, unknown>>;

const template = synthTemplate(domain);
const ofType = (type: string) =>
  Object.values(resources(template)).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));

/** What the gateway writes: strings, `-` where there is no value. */
const access = (values: Line): Line => {
  const fields = accessLogFields({ truststoreUri: 's3://trust/store.pem', logCaller: false });
  return { ...Object.fromEntries(Object.keys(fields).map((name) => [name, '-'])), ...values };
};
const onRoute = (status: string, function_status = '-') =>
  access({ route_key: `PUT ${ROUTE_PATH}`, status, function_status, source_ip: '192.0.2.1' });

/** Lambda's report of a call that failed: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
const REPORT: Line = {
  type: 'platform.report',
  record: {
    requestId: 'f-1',
    status: 'timeout',
    errorType: 'Sandbox.Timedout',
    metrics: { durationMs: 10_000, maxMemoryUsedMB: 90 },
  },
};
/** An error that nothing caught, as `LogPatch` of aws-lambda-ric 4.0.2 writes it with `AWS_LAMBDA_LOG_FORMAT=JSON`. */
const UNHANDLED: Line = {
  timestamp: '2026-11-29T21:27:13.852Z',
  level: 'ERROR',
  requestId: 'f-1',
  message: {
    errorType: 'TypeError',
    errorMessage: 'x',
    stackTrace: ['TypeError: x', '    at index.mjs:4:15'],
  },
};

let outcomes: Readonly<Record<string, Line>>;

beforeAll(async () => {
  outcomes = await recordOutcomes();
});

/** The paths to the values of a line, as queries name them: `cause.name`. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, path ? `${path}.${name}` : name));
}

describe('metric filters', () => {
  /** Whether a line matches, by the part of the syntax that is used: a text is compared with a text only. */
  const matches = (pattern: string, line: Line) => {
    const [, field = '', operator = '', value = ''] = /^\{ \$\.(\w+) (=|>=) (.+) \}$/.exec(pattern) ?? [];
    const expected: unknown = JSON.parse(value);
    return operator === '=' ? line[field] === expected : Number(line[field]) >= Number(expected);
  };
  const filter = (name: string) =>
    ofType('AWS::Logs::MetricFilter').find(
      ({ MetricTransformations }) => MetricTransformations[0].MetricName === name,
    );
  const counted = (name: string, lines: Readonly<Record<string, Line>>) =>
    Object.keys(lines).filter((key) => matches(filter(name)?.FilterPattern, lines[key] ?? {}));

  test('count throttled calls, failures and defects', () => {
    expect(counted('throttled', { ok: onRoute('200', '200'), throttled: onRoute('429') })).toEqual([
      'throttled',
    ]);
    expect(counted('failures', outcomes)).toEqual(['internal_error', 'store_unavailable']);
    expect(counted('defects', outcomes)).toEqual(['internal_error']);
  });
});

describe('rules of Contributor Insights', () => {
  const bodyOf = (part: string) => {
    const rule = ofType('AWS::CloudWatch::InsightRule').find(({ RuleName }) => RuleName.endsWith(part));
    return JSON.parse(writeValue(rule?.RuleBody));
  };
  type Filter = { Match: string; In?: string[]; NotIn?: string[]; GreaterThan?: number; LessThan?: number };
  const passes = ({ Match, In, NotIn, GreaterThan, LessThan }: Filter, line: Line) => {
    const value = line[Match.slice(2)];
    if (In) return In.includes(value as string);
    if (NotIn) return !NotIn.includes(value as string);
    if (typeof value !== 'number') return false;
    return (
      value > (GreaterThan ?? Number.NEGATIVE_INFINITY) && value < (LessThan ?? Number.POSITIVE_INFINITY)
    );
  };
  /** The contributors that a rule counts in lines. A line without the key is of none. */
  const contributors = (part: string, lines: readonly Line[]) => {
    const { Keys, Filters } = bodyOf(part).Contribution;
    expect(Filters.length).toBeLessThanOrEqual(4);
    return lines
      .filter((line) => Filters.every((one: Filter) => passes(one, line)))
      .flatMap((line) => line[Keys[0].slice(2)] ?? []);
  };

  test('count terminals that the function refused: by terminal_id, else by the id, and not the probe', () => {
    const lines = Object.values(outcomes);
    expect(contributors('refused-terminals', lines)).toEqual(['T-0413', 'T-0412']);
    expect(contributors('refused-terminals', [{ status: 404, contributor: 'an id' }])).toEqual(['an id']);
    expect(contributors('refused-terminals', [{ status: 404, contributor: NONEXISTENT_ID }])).toEqual([]);
  });

  test('count addresses that the gateway refused on the route, or whose requests name no terminal', () => {
    const statuses = ['200', '400', '401', '403', '404', '409', '413', '415', '429', '500'];
    const counted = statuses.filter(
      (status) => contributors('refused-addresses', [onRoute(status)]).length > 0,
    );
    expect(counted).toEqual(['401', '403', '413', '415']);
    expect(contributors('refused-addresses', [onRoute('403')])).toEqual(['192.0.2.1']);
    expect(contributors('refused-addresses', [{ ...onRoute('403'), route_key: '-' }])).toEqual([]);
  });
});

describe('saved queries', () => {
  const WORDS =
    'fields filter stats sort limit parse by as and or not in like asc desc ispresent count count_distinct latest min max sum pct';
  /** Every name in a query that is not a word of the language, a text or a name that it gives. */
  const fieldsOf = (query: string) => {
    const code = query.replace(/"[^"]*"|\/(?:[^/[]|\[[^\]]*\])*\//g, '');
    const given = [...query.matchAll(/ as (\w+)|\(\?<(\w+)>/g)].map(([, name, group]) => name ?? group);
    return (code.match(/@?[A-Za-z_][\w.]*/g) ?? []).filter(
      (name) => !WORDS.split(' ').includes(name) && !given.includes(name),
    );
  };

  test.each(Object.entries(SAVED_QUERIES))('%s reads fields that its logs hold', (_id, { text, logs }) => {
    const platform = [REPORT, UNHANDLED];
    const lines = {
      function: [...Object.values(outcomes), ...platform],
      access: [access({})],
      probe: platform,
    };
    const there = logs.flatMap((log) => lines[log].flatMap((line) => pathsOf(line)));
    expect(fieldsOf(text).length).toBeGreaterThan(0);
    for (const field of fieldsOf(text)) expect(['@timestamp', '@log', ...there]).toContain(field);
  });

  test('without a probe the query over its log is not saved', () => {
    const saved = synthTemplate({ probe: false }).findResources('AWS::Logs::QueryDefinition');
    expect(JSON.stringify(saved)).not.toContain('probe-failures');
  });
});
