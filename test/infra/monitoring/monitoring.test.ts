import { describe, expect, test } from 'vitest';
import { FUNCTION_TIMEOUT_SECONDS } from '../../../infra/function.ts';
import { MAX_STORE_DURATION_MS } from '../../../lambda/storage/client.ts';
import { alarmsOf } from '../../support/alarm-replay.ts';
import { only, type Resource, resources, synthTemplate } from '../synth.ts';
import { CERTIFICATE_ARN } from './stories.ts';

const domain = { domainName: 'logout.example.com', certificateArn: CERTIFICATE_ARN };
const template = synthTemplate({ ...domain, alarmEmail: 'on-call@example.com' });
const [topicId] = only(template, 'AWS::SNS::Topic');

const ofType = (type: string, all: Record<string, Resource> = resources(template)) =>
  Object.values(all).filter(({ Type }) => Type === type);
const alarms = ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);

const IDS = [
  'gateway-5xx',
  'gateway-latency',
  'gateway-4xx',
  'function-errors',
  'function-throttles',
  'function-duration',
  'account-concurrency',
  'table-throttles',
  'table-system-errors',
  'store-unavailable',
  'internal-error',
];

test('there is an alarm for each thing that somebody must act on, and with a domain one for its certificate', () => {
  const names = [...IDS, 'certificate-expiry'].map((id) => `connection-logout-prod-${id}`);
  expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(names);
  const without = alarmsOf(resources(synthTemplate({ stage: 'dev' })) as never);
  expect(without.map(({ name }) => name)).toEqual(IDS.map((id) => `connection-logout-dev-${id}`));
});

describe.each(alarms.map((alarm) => [alarm.AlarmName, alarm] as const))('%s', (_name, alarm) => {
  test('goes to the topic, and says what a period without a value means', () => {
    expect(alarm.AlarmActions).toEqual([{ Ref: topicId }]);
    expect(alarm.ActionsEnabled ?? true).toBe(true);
    expect(alarm.TreatMissingData).toMatch(/^(notBreaching|ignore)$/);
  });

  test('says what it means, what to do first, and where the runbook goes on', () => {
    const id = alarm.AlarmName.replace('connection-logout-prod-', '');
    expect(alarm.AlarmDescription).toMatch(/^[A-Z][^\n]+\.\n\nFirst: [A-Z][^\n]+\.\n\nRunbook: \S+$/);
    expect(alarm.AlarmDescription).toMatch(new RegExp(`docs/runbook\\.md#${id}$`));
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    expect(alarm.AlarmDescription.length).toBeLessThanOrEqual(1_024);
  });
});

test('the link is of the runbook that the settings name', () => {
  const runbookUrl = 'https://wiki.example.com/logout';
  const [first] = alarmsOf(resources(synthTemplate({ runbookUrl })) as never);
  expect(first?.description).toMatch(/\nRunbook: https:\/\/wiki\.example\.com\/logout#gateway-5xx$/);
});

test('a percentile says what few values mean', () => {
  const percentiles = alarms.filter(({ ExtendedStatistic }) => ExtendedStatistic !== undefined);
  expect(percentiles.map(({ AlarmName }) => AlarmName)).toEqual(['connection-logout-prod-gateway-latency']);
  for (const alarm of percentiles) expect(alarm.EvaluateLowSampleCountPercentile).toBe('evaluate');
});

test('the function is near its timeout only where the store has long given up', () => {
  const duration = alarms.find(({ MetricName }) => MetricName === 'Duration');
  expect(duration?.Threshold).toBeGreaterThan(MAX_STORE_DURATION_MS);
  expect(duration?.Threshold).toBeLessThan(FUNCTION_TIMEOUT_SECONDS * 1_000);
});

test('alarms and TLS are all that the policy of the topic speaks of', () => {
  const [{ Properties } = {}] = ofType('AWS::SNS::TopicPolicy') as [Resource];
  expect(Properties?.Topics).toEqual([{ Ref: topicId }]);
  expect(Properties?.PolicyDocument.Statement).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sns:Publish',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      {
        Sid: 'AlarmsOfThisAccount',
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: { Ref: topicId },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]),
  );
  expect(Properties?.PolicyDocument.Statement).toHaveLength(2);
});

test('the address of the settings is subscribed, and without one nobody is', () => {
  expect(ofType('AWS::SNS::Subscription').map(({ Properties }) => Properties)).toEqual([
    { Protocol: 'email', Endpoint: 'on-call@example.com', TopicArn: { Ref: topicId } },
  ]);
  expect(ofType('AWS::SNS::Subscription', resources(synthTemplate()))).toEqual([]);
});

test('the dashboard shows every alarm, and carries the name of the stack', () => {
  const [, dashboard] = only(template, 'AWS::CloudWatch::Dashboard');
  expect(dashboard.Properties.DashboardName).toEqual({
    'Fn::Join': ['', ['connection-logout-prod-', { Ref: 'AWS::Region' }]],
  });
  const body = JSON.stringify(dashboard.Properties.DashboardBody);
  for (const [id, { Type }] of Object.entries(resources(template))) {
    if (Type === 'AWS::CloudWatch::Alarm') expect(body).toContain(`"Fn::GetAtt":["${id}","Arn"]`);
  }
});

test('the dashboard is laid out for reading from top to bottom: gateway, function, table, business', () => {
  const [, dashboard] = only(template, 'AWS::CloudWatch::Dashboard');
  const text = dashboard.Properties.DashboardBody['Fn::Join'][1]
    .map((part: unknown) => (typeof part === 'string' ? part : 'reference'))
    .join('');
  const { widgets } = JSON.parse(text) as {
    widgets: { x: number; y: number; width: number; height: number; properties: { markdown?: string } }[];
  };
  const headings = widgets.flatMap(({ properties: { markdown }, y }) => (markdown ? [{ y, markdown }] : []));
  expect(headings.toSorted((a, b) => a.y - b.y).map(({ markdown }) => markdown.split('\n')[0])).toEqual([
    '# connection-logout-prod',
    '## Gateway',
    '## Function',
    '## Table',
    '## Business',
  ]);
  for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
});
