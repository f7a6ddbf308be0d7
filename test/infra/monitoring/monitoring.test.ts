import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../../infra/logs.ts';
import {
  domain,
  jwt,
  lambda,
  mutualTls,
  type Resource,
  resources,
  synthStack,
  synthTemplate,
} from '../synth.ts';

const PAGER = 'arn:aws:sns:eu-west-1:123456789012:pager';
const heard = { alarmEmail: 'on-call@example.com', pageTopicArn: PAGER };
const template = synthTemplate({ ...domain, ...heard });

const ofType = (type: string, all: Record<string, Resource> = resources(template)) =>
  Object.entries(all).flatMap(([id, { Type, Properties }]) => (Type === type ? [{ ...Properties, id }] : []));
const idOf = (type: string, part = '') => ofType(type).find(({ id }) => id.includes(part))?.id;
const ref = (type: string, part = '') => ({ Ref: idOf(type, part) });
const page = ref('AWS::SNS::Topic', 'Page');
const ticket = ref('AWS::SNS::Topic', 'Ticket');
const nameOf = ({ AlarmName }: { AlarmName: string }) => AlarmName.replace(/^connection-logout-[a-z]+-/, '');
const alarmsOf = (all = resources(template)) =>
  ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) => ofType(type, all));

test('pages go to their topic and to the pager, also when they are over; tickets go to their topic, once', () => {
  const sent = alarmsOf().flatMap((alarm) =>
    alarm.AlarmActions ? [[nameOf(alarm), alarm.AlarmActions, alarm.OKActions]] : [],
  );
  const toPagers = [page, PAGER];
  const tickets = 'refused-partly no-logouts failing-slowly defect slow certificate'.split(' ');
  expect(sent.toSorted()).toEqual(
    [
      ...['probe', 'failing', 'refused-widely'].map((id) => [id, toPagers, toPagers]),
      ...tickets.map((id) => [id, [ticket], undefined]),
    ].toSorted(),
  );
});

test('a stage whose alarms reach no one and that is not production has the logs and the dashboard only', () => {
  const types = (set: object) =>
    [...new Set(Object.values(resources(synthTemplate({ stage: 'dev', ...set }))).map(({ Type }) => Type))]
      .filter((type) => /CloudWatch|Logs|SNS|Events/.test(type))
      .toSorted();
  expect(types({})).toEqual(['AWS::CloudWatch::Dashboard', 'AWS::Logs::LogGroup']);
  for (const set of [{ alarmEmail: heard.alarmEmail }, { pageTopicArn: PAGER }]) {
    expect(types(set)).toContain('AWS::CloudWatch::Alarm');
  }
});

test('production without an https address of the runbook is warned about', () => {
  expect(synthStack().warnings).toContainEqual(expect.stringMatching(/^runbookUrl is not set, .+not a link/));
  expect(synthStack({ runbookUrl: 'https://wiki.example.com/logout' }).warnings.join()).not.toContain(
    'runbookUrl',
  );
});

test('every metric alarm keeps the limits of CloudWatch, and is created after the rules that it reads', () => {
  const rules = ofType('AWS::CloudWatch::InsightRule').map(({ id }) => id);
  expect(rules).toHaveLength(2);
  for (const alarm of ofType('AWS::CloudWatch::Alarm')) {
    const metrics: { Expression?: string; Period?: number; MetricStat?: { Period: number } }[] =
      alarm.Metrics ?? [alarm];
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
    const read = metrics.filter(
      ({ MetricStat, Expression = '' }) => MetricStat || Expression.startsWith('INSIGHT'),
    );
    expect(read.length).toBeLessThanOrEqual(10);
    const period = Math.max(...metrics.map(({ Period, MetricStat }) => MetricStat?.Period ?? Period ?? 0));
    // A day, or seven days where periods are of an hour or longer: see API_PutMetricAlarm, above.
    expect(period * alarm.EvaluationPeriods).toBeLessThanOrEqual(period >= 3_600 ? 604_800 : 86_400);
    // AWS/DynamoDB alarms ignore missing data whatever is set.
    expect(JSON.stringify(alarm)).not.toContain('AWS/DynamoDB');
    expect(resources(template)[alarm.id]?.DependsOn).toEqual(expect.arrayContaining(rules));
  }
});

test.each([
  ['iam', { auth: 'iam' }],
  ['none', { auth: 'none' }],
  ['token', jwt],
  ['token', lambda],
  ['certificate', mutualTls],
])('the probe checks as for %s with %j', (auth, set) => {
  const probe = ofType('AWS::Lambda::Function', resources(synthTemplate(set))).find(
    ({ Handler }) => Handler === 'probe.handler',
  );
  expect(probe?.Environment.Variables.PROBE_AUTH).toBe(auth);
});

test('only alarms of this account may publish to the topics, and to tickets only the rule of this stack too', () => {
  const publish = (Resource: unknown) => ({ Action: 'sns:Publish', Resource });
  const allow = (Sid: string, topic: unknown, Service: string, Condition: object) => ({
    ...{ Sid, Effect: 'Allow', Principal: { Service }, ...publish(topic), Condition },
  });
  const overTls = (topic: unknown) => ({
    ...{ Sid: 'AllowPublishThroughSSLOnly', Effect: 'Deny', Principal: '*', ...publish(topic) },
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  const alarms = (topic: unknown) =>
    allow('AlarmsOfThisAccount', topic, 'cloudwatch.amazonaws.com', ofThisAccount);
  const rule = { 'Fn::GetAtt': [idOf('AWS::Events::Rule', 'FailedDeployment'), 'Arn'] };
  const ofThisRule = { ArnEquals: { 'aws:SourceArn': rule } };
  const deployments = allow('FailedDeploymentsOfThisStack', ticket, 'events.amazonaws.com', ofThisRule);
  const policies = ofType('AWS::SNS::TopicPolicy').map(({ Topics, PolicyDocument }) => [
    Topics,
    PolicyDocument.Statement,
  ]);
  expect(policies).toEqual([
    [[page], [overTls(page), alarms(page)]],
    [[ticket], [overTls(ticket), alarms(ticket), deployments]],
  ]);
});

test('the address of the settings is subscribed to both topics', () => {
  const addressed = { Protocol: 'email', Endpoint: heard.alarmEmail };
  expect(ofType('AWS::SNS::Subscription')).toMatchObject(
    [page, ticket].map((topic) => ({ ...addressed, TopicArn: topic })),
  );
  expect(ofType('AWS::SNS::Subscription', resources(synthTemplate()))).toEqual([]);
});

test('Lambda writes no lines for calls that succeed, and the access log has what a query or a rule reads', () => {
  for (const { LoggingConfig } of ofType('AWS::Lambda::Function')) {
    expect(LoggingConfig).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
  }
  const readers = JSON.stringify([
    ...ofType('AWS::Logs::QueryDefinition').map(({ QueryString }) => QueryString),
    ...ofType('AWS::CloudWatch::InsightRule').map(({ RuleBody }) => RuleBody),
  ]);
  for (const field of Object.keys(ACCESS_LOG_FIELDS)) expect(readers).toMatch(new RegExp(`\\b${field}\\b`));
});

test('the page on cost counts the metrics and rules that alarms read', () => {
  const all = resources(synthTemplate());
  const metrics = ofType('AWS::CloudWatch::Alarm', all).flatMap((alarm) =>
    (alarm.Metrics ?? [{ MetricStat: alarm }]).filter(
      ({ MetricStat, Expression = '' }: { MetricStat?: object; Expression?: string }) =>
        MetricStat || Expression.startsWith('INSIGHT'),
    ),
  );
  const page = readFileSync(join(import.meta.dirname, '../../../docs/capacity.md'), 'utf8');
  expect(page).toContain(`alarms: ${metrics.length} metrics and rules, 1 composite alarm`);
});
