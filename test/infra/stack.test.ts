import { describe, expect, test } from 'vitest';
import { domain, jwt, mutualTls, only, resources, synthStack, synthTemplate } from './synth.ts';

const stack = synthStack();
const { template } = stack;

test('the stack carries its stage in its name and in a tag', () => {
  expect(stack.stackName).toBe('connection-logout-prod');
  expect(synthStack({ stage: 'dev' }).stackName).toBe('connection-logout-dev');
  const tagged = Object.values(resources(template)).filter(({ Properties }) => Properties.Tags);
  expect(tagged.length).toBeGreaterThan(0);
  for (const { Properties } of tagged) {
    expect([{ stage: 'prod' }, [{ Key: 'stage', Value: 'prod' }]]).toContainEqual(Properties.Tags);
  }
});

test('the stack names no account and no region', () => {
  expect(stack.environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
});

test.each([
  ['prod', true],
  ['prod-eu', true],
  ['dev', false],
])('stage=%s: termination protection is %s', (stage, protection) => {
  expect(synthStack({ stage }).terminationProtection).toBe(protection);
});

test('a production stage without alarmEmail is warned about', () => {
  expect(stack.warnings).toEqual([
    'alarmEmail is not set, and stage is "prod": nobody hears of an alarm, unless another subscribes to the topic of ' +
      'the output AlarmTopic.',
  ]);
});

test.each([{ stage: 'dev' }, { alarmEmail: 'on-call@example.com' }])('%j is not warned about', (set) => {
  expect(synthStack(set).warnings).toEqual([]);
});

describe('the outputs are what a person needs after a deployment', () => {
  const always = [
    'Url',
    'TryIt',
    'TableName',
    'FunctionName',
    'FunctionLog',
    'AccessLog',
    'AlarmTopic',
    'DashboardUrl',
  ];

  test.each([
    [{}, ['RouteArn']],
    [jwt, []],
    [{ ...jwt, ...domain }, ['DnsTarget', 'DnsTargetZone']],
    [mutualTls, ['RouteArn', 'DnsTarget', 'DnsTargetZone']],
  ])('%j', (set, more) => {
    const outputs = synthTemplate(set).findOutputs('*');
    expect(Object.keys(outputs).toSorted()).toEqual([...always, ...more].toSorted());
    for (const { Description } of Object.values(outputs)) expect(Description).toMatch(/\.$/);
  });
});

test('the URL output is the API and the path', () => {
  expect(template.findOutputs('Url').Url?.Value).toEqual({
    'Fn::Join': [
      '',
      [{ 'Fn::GetAtt': [expect.stringMatching(/HttpApi/), 'ApiEndpoint'] }, '/api/tt_cmd_connection/logout'],
    ],
  });
});

test('the line to try it has the URL, and the region where it must be signed', () => {
  const text = JSON.stringify(template.findOutputs('TryIt').TryIt?.Value);
  expect(text).toContain('--aws-sigv4 aws:amz:",{"Ref":"AWS::Region"},":execute-api');
  expect(text).toContain('"ApiEndpoint"]},"/api/tt_cmd_connection/logout"');
});

test('the dashboard URL leads to the dashboard, in the region of the stack', () => {
  const [dashboardId] = only(template, 'AWS::CloudWatch::Dashboard');
  const region = { Ref: 'AWS::Region' };
  expect(template.findOutputs('DashboardUrl').DashboardUrl?.Value).toEqual({
    'Fn::Join': [
      '',
      [
        'https://',
        region,
        '.console.aws.amazon.com/cloudwatch/home?region=',
        region,
        '#dashboards/dashboard/',
        { Ref: dashboardId },
      ],
    ],
  });
});
