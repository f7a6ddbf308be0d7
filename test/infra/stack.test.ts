import { describe, expect, test } from 'vitest';
import { domain, jwt, mutualTls, only, resources, synthStack, synthTemplate } from './synth.ts';

const stack = synthStack();
const { template } = stack;

test('the stack has its stage in its name and in a tag', () => {
  expect(stack.stackName).toBe('connection-logout-prod');
  expect(synthStack({ stage: 'dev' }).stackName).toBe('connection-logout-dev');
  const tagged = Object.values(resources(template)).filter(({ Properties }) => Properties.Tags);
  expect(tagged.length).toBeGreaterThan(0);
  for (const { Properties } of tagged) {
    expect([{ stage: 'prod' }, [{ Key: 'stage', Value: 'prod' }]]).toContainEqual(Properties.Tags);
  }
});

test('the stack is of the account and the region that the settings name, and of any where they name none', () => {
  expect(stack.environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
  const place = { account: '123456789012', region: 'eu-west-1' };
  expect(synthStack(place).environment).toMatchObject(place);
});

describe('the outputs are', () => {
  const always = [
    'Url',
    'TryIt',
    'TableName',
    'FunctionName',
    'FunctionRole',
    'FunctionLog',
    'AccessLog',
    'PageTopic',
    'RollbackAlarms',
    'RolloutApplication',
    'RolloutGroup',
    'TicketTopic',
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

test('TryIt has the URL, and the region where it must be signed', () => {
  const text = JSON.stringify(template.findOutputs('TryIt').TryIt?.Value);
  expect(text).toContain('--aws-sigv4 aws:amz:",{"Ref":"AWS::Region"},":execute-api');
  expect(text).toContain('"ApiEndpoint"]},"/api/tt_cmd_connection/logout"');
});

test('DashboardUrl names the dashboard and the region, in the console of the partition', () => {
  const [dashboardId] = only(template, 'AWS::CloudWatch::Dashboard');
  const region = { Ref: 'AWS::Region' };
  const consoleIn = (partition: string, domain: string, otherwise: unknown) => {
    const conditions = template.findConditions('*', { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, partition] });
    return { 'Fn::If': [Object.keys(conditions)[0], domain, otherwise] };
  };
  const domains = consoleIn(
    'aws-eusc',
    'console.amazonaws-eusc.eu',
    consoleIn(
      'aws-us-gov',
      'console.amazonaws-us-gov.com',
      consoleIn('aws-cn', 'console.amazonaws.cn', 'console.aws.amazon.com'),
    ),
  );
  expect(template.findOutputs('DashboardUrl').DashboardUrl?.Value).toEqual({
    'Fn::Join': [
      '',
      [
        'https://',
        region,
        '.',
        domains,
        '/cloudwatch/home?region=',
        region,
        '#dashboards/dashboard/',
        { Ref: dashboardId },
      ],
    ],
  });
});
