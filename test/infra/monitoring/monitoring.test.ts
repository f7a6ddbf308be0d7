import { describe, expect, test } from 'vitest';
import { domain, only, type Resource, resources, synthTemplate } from '../synth.ts';

const PAGER = 'arn:aws:sns:eu-west-1:123456789012:pager';
const template = synthTemplate({ ...domain, alarmEmail: 'on-call@example.com', pageTopicArn: PAGER });

const ofType = (type: string, all: Record<string, Resource> = resources(template)) =>
  Object.values(all).filter(({ Type }) => Type === type);
const topicIds = Object.keys(template.findResources('AWS::SNS::Topic'));
const topic = (severity: string) => ({ Ref: topicIds.find((id) => id.includes(severity)) });
const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
  ofType(type).map(({ Properties }) => ({
    ...Properties,
    id: Properties.AlarmName.replace('connection-logout-prod-', ''),
  })),
);
const pages = ['probe', 'failing', 'refused-widely', 'certificate-7-days'];
const tickets = [
  'failing-slowly',
  'refused-partly',
  'defect',
  'slow',
  'table-throttles',
  'blind',
  'certificate-30-days',
  'account-concurrency',
];
const spoken = alarms.filter(({ AlarmActions }) => AlarmActions !== undefined);

test('pages go to the topic for pages and to the pager, also when they are over', () => {
  const sent = spoken.filter(({ OKActions }) => OKActions !== undefined);
  expect(sent.map(({ id }) => id).toSorted()).toEqual(pages.toSorted());
  for (const { AlarmActions, OKActions } of sent) {
    expect(AlarmActions).toEqual([topic('Page'), PAGER]);
    expect(OKActions).toEqual(AlarmActions);
  }
});

test('tickets go to the topic for tickets, once', () => {
  const sent = spoken.filter(({ OKActions }) => OKActions === undefined);
  expect(sent.map(({ id }) => id).toSorted()).toEqual(tickets.toSorted());
  for (const { AlarmActions } of sent) expect(AlarmActions).toEqual([topic('Ticket')]);
});

test.each([
  [{}, []],
  [{ probe: false }, ['probe']],
  [{ stage: 'dev' }, ['probe']],
])('without a custom domain and with %j these alarms are missing: no certificate, %j', (set, missing) => {
  const names = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    ofType(type, resources(synthTemplate(set))).flatMap(({ Properties }) =>
      Properties.AlarmActions === undefined
        ? []
        : Properties.AlarmName.replace(/^connection-logout-[a-z]+-/, ''),
    ),
  );
  const expected = [...pages, ...tickets].filter(
    (id) => !id.startsWith('certificate') && !missing.includes(id as never),
  );
  expect(names.toSorted()).toEqual(expected.toSorted());
});

describe.each(spoken.map((alarm) => [alarm.id, alarm] as const))('the alarm %s', (id, alarm) => {
  test('says what it means, what to do first, and where the runbook goes on', () => {
    expect(alarm.AlarmDescription).toMatch(
      /^[^\n]+\.\n\nFirst: [A-Z][^\n]+[.?]\n\nRunbook: docs\/runbook\.md#[\w-]+$/,
    );
    expect(alarm.AlarmDescription.endsWith(`#${id}`)).toBe(true);
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    expect(alarm.AlarmDescription.length).toBeLessThanOrEqual(1_024);
  });
});

test('every metric alarm keeps the limits of CloudWatch, and says what a period without a value means', () => {
  for (const alarm of alarms.filter(({ AlarmRule }) => AlarmRule === undefined)) {
    const metrics: { Period?: number; MetricStat?: { Period: number } }[] = alarm.Metrics ?? [alarm];
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
    expect(metrics.filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
    const period = Math.max(...metrics.map(({ Period, MetricStat }) => MetricStat?.Period ?? Period ?? 0));
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: a day, or seven days
    // where periods are of an hour or longer.
    expect(period * alarm.EvaluationPeriods).toBeLessThanOrEqual(period >= 3_600 ? 604_800 : 86_400);
    expect(alarm.TreatMissingData).toBe(
      { probe: 'breaching', 'certificate-30-days': 'ignore', 'certificate-7-days': 'ignore' }[
        alarm.id as string
      ] ?? 'notBreaching',
    );
  }
});

test('the link is of the runbook that the settings name', () => {
  const runbookUrl = 'https://wiki.example.com/logout';
  const all = ofType('AWS::CloudWatch::CompositeAlarm', resources(synthTemplate({ runbookUrl })));
  expect(all[0]?.Properties.AlarmDescription).toMatch(
    /\nRunbook: https:\/\/wiki\.example\.com\/logout#failing$/,
  );
});

test('the policies of the topics let alarms of this account publish, events to the tickets only, and nothing without TLS', () => {
  const statements = ofType('AWS::SNS::TopicPolicy').map(({ Properties }) => [
    Properties.Topics[0].Ref === topic('Page').Ref ? 'page' : 'ticket',
    Properties.PolicyDocument.Statement.map(
      ({ Effect, Principal }: { Effect: string; Principal: unknown }) => [Effect, Principal],
    ),
  ]);
  const common = [
    ['Deny', '*'],
    ['Allow', { Service: 'cloudwatch.amazonaws.com' }],
  ];
  expect(Object.fromEntries(statements)).toEqual({
    page: common,
    ticket: [...common, ['Allow', { Service: 'events.amazonaws.com' }]],
  });
});

test('the address of the settings is subscribed to both topics, and without one neither has a subscriber', () => {
  expect(ofType('AWS::SNS::Subscription').map(({ Properties }) => Properties)).toEqual(
    ['Page', 'Ticket'].map((severity) => ({
      Protocol: 'email',
      Endpoint: 'on-call@example.com',
      TopicArn: topic(severity),
    })),
  );
  expect(ofType('AWS::SNS::Subscription', resources(synthTemplate()))).toEqual([]);
});

test('a deployment of this stack that failed or was rolled back is a ticket', () => {
  const rule = ofType('AWS::Events::Rule').find(({ Properties }) => Properties.EventPattern);
  expect(rule?.Properties.EventPattern).toEqual({
    source: ['aws.cloudformation'],
    'detail-type': ['CloudFormation Stack Status Change'],
    detail: {
      'stack-id': [{ Ref: 'AWS::StackId' }],
      'status-details': { status: expect.arrayContaining(['UPDATE_ROLLBACK_COMPLETE', 'ROLLBACK_COMPLETE']) },
    },
  });
  expect(rule?.Properties.Targets).toEqual([expect.objectContaining({ Arn: topic('Ticket') })]);
});

test('the probe runs every minute, is not repeated, and goes to the URL of the output', () => {
  const rule = ofType('AWS::Events::Rule').find(({ Properties }) => Properties.ScheduleExpression);
  expect(rule?.Properties.ScheduleExpression).toBe('rate(1 minute)');
  expect(rule?.Properties.Targets[0].RetryPolicy.MaximumRetryAttempts).toBe(0);
  const probe = ofType('AWS::Lambda::Function').find(
    ({ Properties }) => Properties.Handler === 'probe.handler',
  );
  expect(probe?.Properties.Environment.Variables).toEqual({
    PROBE_URL: template.findOutputs('Url').Url?.Value,
    PROBE_AUTH: 'iam',
    // The stack's own name of the domain: until the cut-over, DNS leads terminals' name to the old server.
    PROBE_HOST: template.findOutputs('DnsTarget').DnsTarget?.Value,
  });
  expect(only(template, 'AWS::Lambda::EventInvokeConfig')[1].Properties.MaximumRetryAttempts).toBe(0);
});

test('the dashboard shows every alarm that sends a message', () => {
  const [, dashboard] = only(template, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard.Properties.DashboardBody);
  for (const [id, { Type, Properties }] of Object.entries(resources(template))) {
    if (!Type.endsWith('Alarm') || Properties.AlarmActions === undefined) continue;
    expect(body).toContain(`"Fn::GetAtt":["${id}","Arn"]`);
  }
});
