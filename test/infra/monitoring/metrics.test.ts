import { beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../infra/monitoring/metrics.ts';
import { alarmsOf } from '../../support/alarm-replay.ts';
import { type MetricReference, metricKey, samplesOfLine } from '../../support/metric-samples.ts';
import { measuredResources } from '../../support/night.ts';
import { type LogLine, recordOutcomes } from '../../support/recorded-outcomes.ts';
import { resources, synthTemplate } from '../synth.ts';
import { CERTIFICATE_ARN } from './stories.ts';

const all = resources(
  synthTemplate({ domainName: 'logout.example.com', certificateArn: CERTIFICATE_ARN }),
) as never;
const { apiId, apiStage, functionName, alias, tableName } = measuredResources(all);

const HTTP_API = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html';
const CONCURRENCY = 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html';
const DYNAMODB = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html';
const ACM = 'https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html';

const gateway = { ApiId: apiId, Stage: apiStage };
const byAlias = { FunctionName: functionName, Resource: alias };
const byFunction = { FunctionName: functionName };
const table = { TableName: tableName };
const update = { TableName: tableName, Operation: 'UpdateItem' };

/**
 * AWS's metrics that the stack may name: with these dimensions, to the value, and with these statistics, each where
 * AWS says so. That Lambda writes its metrics by alias too, as `Resource`, stands in
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html.
 */
const DOCUMENTED: readonly (readonly [string, string, Record<string, unknown>, source: string])[] = [
  ['AWS/ApiGateway', 'Count', gateway, HTTP_API],
  ['AWS/ApiGateway', '4xx', gateway, HTTP_API],
  ['AWS/ApiGateway', '5xx', gateway, HTTP_API],
  ['AWS/ApiGateway', 'Latency', gateway, HTTP_API],
  ['AWS/ApiGateway', 'IntegrationLatency', gateway, HTTP_API],
  ['AWS/Lambda', 'Errors', byAlias, LAMBDA],
  ['AWS/Lambda', 'Duration', byAlias, LAMBDA],
  ['AWS/Lambda', 'Throttles', byFunction, LAMBDA],
  ['AWS/Lambda', 'ConcurrentExecutions', byFunction, CONCURRENCY],
  ['AWS/Lambda', 'ConcurrentExecutions', {}, CONCURRENCY],
  ['AWS/Lambda', 'ClaimedAccountConcurrency', {}, CONCURRENCY],
  ['AWS/DynamoDB', 'WriteThrottleEvents', table, DYNAMODB],
  ['AWS/DynamoDB', 'SystemErrors', update, DYNAMODB],
  ['AWS/DynamoDB', 'SuccessfulRequestLatency', update, DYNAMODB],
  ['AWS/CertificateManager', 'DaysToExpiry', { CertificateArn: CERTIFICATE_ARN }, ACM],
];

const documented = DOCUMENTED.map(([namespace, name, dimensions]) =>
  metricKey({ namespace, name, dimensions }),
);

let lines: Readonly<Record<Outcome, LogLine>>;
let emitted: readonly string[];

beforeAll(async () => {
  lines = await recordOutcomes('prod');
  emitted = Object.values(lines).flatMap((line) =>
    samplesOfLine(line, 0).map(({ metric }) => metricKey(metric)),
  );
});

const alarms = alarmsOf(all);

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
    const samples = samplesOfLine(line, 0);
    const dimensions = { stage: 'prod', outcome };
    expect(samples.map(({ metric }) => metric)).toEqual(
      ['requests', ...(asked.includes(outcome) ? ['store_latency_ms'] : [])].map((name) => ({
        namespace: 'ConnectionLogout',
        name,
        dimensions,
      })),
    );
    expect(samples[0]?.value).toBe(1);
  }
});

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
