import { beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../../infra/logs.ts';
import type { Outcome } from '../../../infra/monitoring/metrics.ts';
import { metricAlarmsOf } from '../../support/alarm-replay.ts';
import { measuredResources } from '../../support/fleet.ts';
import { type MetricReference, metricKey } from '../../support/metric-series.ts';
import { type LogLine, recordOutcomes } from '../../support/recorded-outcomes.ts';
import { domain, resources, synthStack } from '../synth.ts';

const { template, stackName } = synthStack(domain);
const all = resources(template) as never;
const measured = measuredResources(all, stackName);

const HTTP_API = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html';
const LAMBDA_DIMENSIONS = 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html';
const CONCURRENCY = 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html';
const DYNAMODB = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html';
const ACM = 'https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html';
const FILTERS =
  'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html';

const { gateway } = measured;
const byFunction = { FunctionName: measured.functionName };
const byAlias = { ...byFunction, Resource: measured.alias };
const byVersion = { ...byAlias, ExecutedVersion: measured.version };
const byProbe = { FunctionName: measured.probe };
const table = { TableName: measured.tableName };
const update = { ...table, Operation: 'UpdateItem' };
const filtered = `ConnectionLogout/${stackName}`;
const ofVersion = { function_version: measured.version };

/** The metrics that the stack may name beside those of the function's lines, each with the page that describes it. */
const DOCUMENTED: readonly (readonly [string, string, Record<string, unknown>, source: string])[] = [
  ['AWS/ApiGateway', 'Count', gateway, HTTP_API],
  ['AWS/ApiGateway', '4xx', gateway, HTTP_API],
  ['AWS/ApiGateway', '5xx', gateway, HTTP_API],
  ['AWS/ApiGateway', 'Latency', gateway, HTTP_API],
  ['AWS/ApiGateway', 'IntegrationLatency', gateway, HTTP_API],
  ['AWS/Lambda', 'Errors', byAlias, LAMBDA_DIMENSIONS],
  ['AWS/Lambda', 'Duration', byAlias, LAMBDA_DIMENSIONS],
  ['AWS/Lambda', 'Errors', byVersion, LAMBDA_DIMENSIONS],
  ['AWS/Lambda', 'Invocations', byVersion, LAMBDA_DIMENSIONS],
  ['AWS/Lambda', 'Errors', byProbe, LAMBDA],
  ['AWS/Lambda', 'Invocations', byProbe, LAMBDA],
  ['AWS/Lambda', 'Throttles', byFunction, LAMBDA],
  ['AWS/Lambda', 'ConcurrentExecutions', byFunction, CONCURRENCY],
  ['AWS/Lambda', 'ConcurrentExecutions', {}, CONCURRENCY],
  ['AWS/Lambda', 'ClaimedAccountConcurrency', {}, CONCURRENCY],
  ['AWS/DynamoDB', 'WriteThrottleEvents', table, DYNAMODB],
  ['AWS/DynamoDB', 'ConsumedWriteCapacityUnits', table, DYNAMODB],
  ['AWS/DynamoDB', 'SystemErrors', update, DYNAMODB],
  ['AWS/DynamoDB', 'SuccessfulRequestLatency', update, DYNAMODB],
  ['AWS/CertificateManager', 'DaysToExpiry', { CertificateArn: domain.certificateArn }, ACM],
  [filtered, 'throttled', {}, FILTERS],
  [filtered, 'failures', ofVersion, FILTERS],
  [filtered, 'defects', ofVersion, FILTERS],
  [filtered, 'refusals', ofVersion, FILTERS],
];

const documented = DOCUMENTED.map(([namespace, name, dimensions]) =>
  metricKey({ namespace, name, dimensions }),
);

let lines: Readonly<Record<Outcome, LogLine>>;
let emitted: readonly string[];

beforeAll(async () => {
  lines = await recordOutcomes();
  emitted = Object.values(lines).flatMap((line) => metricsOfLine(line).map(metricKey));
});

const alarms = metricAlarmsOf(all);

describe.each(alarms.map((alarm) => [alarm.name, alarm] as const))('%s', (_name, { statistics }) => {
  test('watches metrics that AWS documents, or that the built bundle emits', () => {
    for (const { metric } of statistics) expect([...documented, ...emitted]).toContain(metricKey(metric));
  });
});

test('the dashboard shows metrics that AWS documents, or that the built bundle emits', () => {
  const shown = dashboardMetrics();
  expect(shown.length).toBeGreaterThan(20);
  for (const metric of shown) expect([...documented, ...emitted]).toContain(metricKey(metric));
});

test('no documented metric is listed for nothing', () => {
  const used = [
    ...alarms.flatMap(({ statistics }) => statistics.map(({ metric }) => metric)),
    ...dashboardMetrics(),
  ].map(metricKey);
  for (const key of documented) expect(used).toContain(key);
});

test('under each outcome the built bundle emits one request, and the store where it was asked', () => {
  const asked = [
    'logged_out',
    'repeated',
    'connection_not_found',
    'already_logged_out',
    'internal_error',
    'store_unavailable',
  ];
  for (const [outcome, line] of Object.entries(lines)) {
    const names = ['requests', ...(asked.includes(outcome) ? ['store_latency_ms'] : [])];
    const dimensions = { stage: 'prod', outcome };
    expect(metricsOfLine(line)).toEqual(
      names.map((name) => ({ namespace: 'ConnectionLogout', name, dimensions })),
    );
    expect(line.requests).toBe(1);
  }
});

/** The fields that a pattern of a metric filter or a rule of Contributor Insights reads, such as `$.status`. */
const fieldsIn = (value: unknown) => [
  ...new Set([...JSON.stringify(value).matchAll(/\$\.(\w+)/g)].map(([, name = '']) => name)),
];

test('metric filters and rules read fields that the lines of their log hold', () => {
  const ofFunction = new Set(Object.values(lines).flatMap((line) => Object.keys(line)));
  const ofGateway = new Set(Object.keys(ACCESS_LOG_FIELDS));
  const read = Object.values(resources(template)).flatMap(({ Type, Properties }) => {
    if (Type === 'AWS::Logs::MetricFilter') return [[Properties.LogGroupName, Properties]];
    return Type === 'AWS::CloudWatch::InsightRule'
      ? [[Properties.RuleBody['Fn::Join'][1][1], Properties.RuleBody]]
      : [];
  });
  expect(read).toHaveLength(7);
  for (const [log, properties] of read) {
    const there = log.Ref.includes('Access') ? ofGateway : ofFunction;
    expect(fieldsIn(properties).length).toBeGreaterThan(0);
    for (const field of fieldsIn(properties)) expect(there).toContain(field);
  }
});

test('a rule of Contributor Insights has no more filters than four, and a name of its own', () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
  const rules = Object.values(template.findResources('AWS::CloudWatch::InsightRule')).map(
    ({ Properties }) => Properties,
  );
  expect(new Set(rules.map(({ RuleName }) => RuleName)).size).toBe(3);
  for (const { RuleBody } of rules) {
    const body = JSON.parse(
      RuleBody['Fn::Join'][1]
        .map((part: unknown) => (typeof part === 'string' ? part : 'reference'))
        .join(''),
    );
    expect(body.Schema).toEqual({ Name: 'CloudWatchLogRule', Version: 1 });
    expect(body.Contribution.Filters.length).toBeLessThanOrEqual(4);
  }
});

/** What a line of the function's log holds in the embedded metric format. */
interface EmbeddedMetrics {
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string }[];
  }[];
}

/** The metrics in a line of the function's log, as CloudWatch takes them out. */
function metricsOfLine(line: LogLine): MetricReference[] {
  const { CloudWatchMetrics } = line._aws as EmbeddedMetrics;
  return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        namespace: Namespace,
        name: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, line[name]])),
      })),
    ),
  );
}

/** The metrics of the dashboard's graphs, with their dimensions; not those of an expression, which have no place. */
function dashboardMetrics(): MetricReference[] {
  const [, dashboard] = Object.entries(
    all as Record<string, { Type: string; Properties: { DashboardBody: unknown } }>,
  ).find(([, { Type }]) => Type === 'AWS::CloudWatch::Dashboard') as [
    string,
    { Properties: { DashboardBody: { 'Fn::Join': [string, unknown[]] } } },
  ];
  const parts = dashboard.Properties.DashboardBody['Fn::Join'][1];
  // References stand in the JSON as text of their own, to be put back once it is parsed.
  const text = parts
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(JSON.stringify(part)).slice(1, -1)))
    .join('');
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: unknown[][] } }[] };
  return widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.flatMap((entry) => {
      const [namespace, name, ...rest] = entry.filter((part) => typeof part === 'string').map(reference);
      if (typeof namespace !== 'string' || typeof name !== 'string') return [];
      const dimensions: Record<string, unknown> = {};
      for (let at = 0; at < rest.length; at += 2) dimensions[String(rest[at])] = rest[at + 1];
      return [{ namespace, name, dimensions }];
    }),
  );
}

function reference(text: string): unknown {
  const [, ref, suffix] = /^(\{"Ref":"\w+"\})(.*)$/.exec(text) ?? [];
  if (ref === undefined) return text;
  return suffix ? { 'Fn::Join': ['', [JSON.parse(ref), suffix]] } : JSON.parse(ref);
}
