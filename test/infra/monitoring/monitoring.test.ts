import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../../infra/logs.ts';
import {
  domain,
  jwt,
  lambda,
  listProperties,
  mutualTls,
  type Resource,
  resources,
  synthTemplate,
} from '../synth.ts';

const PAGER = 'arn:aws:sns:eu-west-1:123456789012:pager';
const alarmEmail = 'on-call@example.com';
const template = synthTemplate({ ...domain, alarmEmail, pageTopicArn: PAGER });

const [page, ticket] = listProperties(template, 'AWS::SNS::Topic').map(({ id }) => ({ Ref: id }));

test('pages go to their topic and to the pager, also when they are over; tickets go to their topic, once', () => {
  const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    listProperties(template, type),
  );
  const sent = alarms.flatMap(({ AlarmName, AlarmActions, OKActions }) =>
    AlarmActions ? [[AlarmName.replace('connection-logout-prod-', ''), AlarmActions, OKActions]] : [],
  );
  const toPagers = [page, PAGER];
  const tickets = 'refused-partly no-logouts failing-slowly defect slow certificate'.split(' ');
  expect(sent.toSorted()).toEqual(
    [
      ...['probe', 'failing', 'refused-widely'].map((name) => [name, toPagers, toPagers]),
      ...tickets.map((name) => [name, [ticket], undefined]),
    ].toSorted(),
  );
});

test('the address of alarmEmail is subscribed to both topics', () => {
  const mail = { Protocol: 'email', Endpoint: alarmEmail };
  expect(listProperties(template, 'AWS::SNS::Subscription')).toMatchObject([
    { ...mail, TopicArn: page },
    { ...mail, TopicArn: ticket },
  ]);
});

test('a stage that is not production has alarms where alarmEmail or pageTopicArn is set, and otherwise none', () => {
  const countAlarms = (settings: object) =>
    listProperties(synthTemplate({ stage: 'dev', ...settings }), 'AWS::CloudWatch::Alarm').length;
  expect(countAlarms({})).toBe(0);
  expect(countAlarms({ alarmEmail })).toBeGreaterThan(0);
  expect(countAlarms({ pageTopicArn: PAGER })).toBeGreaterThan(0);
});

/** What an alarm reads: each metric, and each statistic of a rule of Contributor Insights. */
function listMetrics(alarm: Resource): Resource[] {
  const metrics: Resource[] = alarm.Metrics ?? [{ MetricStat: alarm }];
  return metrics.filter(({ MetricStat, Expression = '' }) => MetricStat || Expression.startsWith('INSIGHT'));
}

test('every metric alarm keeps the limits of CloudWatch, and is created after the rules that it reads', () => {
  const rules = listProperties(template, 'AWS::CloudWatch::InsightRule').map(({ id }) => id);
  expect(rules).toHaveLength(2);
  for (const alarm of listProperties(template, 'AWS::CloudWatch::Alarm')) {
    const metrics = listMetrics(alarm);
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
    expect(metrics.length).toBeLessThanOrEqual(10);
    const period = Math.max(...metrics.map(({ Period, MetricStat }) => Period ?? MetricStat.Period));
    // A day, or seven days where periods are of an hour or longer.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    expect(period * alarm.EvaluationPeriods).toBeLessThanOrEqual(period >= 3_600 ? 604_800 : 86_400);
    // AWS/DynamoDB alarms ignore missing data whatever is set.
    expect(JSON.stringify(alarm)).not.toContain('AWS/DynamoDB');
    expect(resources(template)[alarm.id]?.DependsOn).toEqual(expect.arrayContaining(rules));
  }
});

test('the page on cost counts the metrics and rules that alarms read', () => {
  const metrics = listProperties(synthTemplate(), 'AWS::CloudWatch::Alarm').flatMap(listMetrics);
  const cost = readFileSync(join(import.meta.dirname, '../../../docs/capacity.md'), 'utf8');
  expect(cost).toContain(`alarms: ${metrics.length} metrics and rules, 1 composite alarm`);
});

test.each([
  ['auth=iam', {}, 'iam'],
  ['auth=none', { auth: 'none' }, 'none'],
  ['auth=jwt', jwt, 'token'],
  ['auth=lambda', lambda, 'token'],
  ['mutual TLS', mutualTls, 'certificate'],
])('with %s the probe expects what callers get', (_, settings, auth) => {
  const functions = listProperties(synthTemplate(settings), 'AWS::Lambda::Function');
  const probe = functions.find(({ Handler }) => Handler === 'probe.handler');
  expect(probe?.Environment.Variables.PROBE_AUTH).toBe(auth);
});

test('each field of the access log is read by a query or a rule, since each line costs', () => {
  const queries = listProperties(template, 'AWS::Logs::QueryDefinition').map(
    ({ QueryString }) => QueryString,
  );
  const rules = listProperties(template, 'AWS::CloudWatch::InsightRule').map(({ RuleBody }) => RuleBody);
  const readers = JSON.stringify([queries, rules]);
  for (const field of Object.keys(ACCESS_LOG_FIELDS)) expect(readers).toMatch(new RegExp(`\\b${field}\\b`));
});
