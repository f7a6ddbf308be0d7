import { describe, expect, test } from 'vitest';
import { domain, jwt, mutualTls, only, resources, synthStack, synthTemplate, writeValue } from './synth.ts';

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
    'HookLog',
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

const output = (id: string) => writeValue(template.findOutputs(id)[id]?.Value);

test('the output Url is the API and the path', () => {
  expect(output('Url')).toMatch(/^<ApiHttpApi\w+\.ApiEndpoint>\/api\/tt_cmd_connection\/logout$/);
});

test('the output TryIt has the URL, and the region where it must be signed', () => {
  expect(output('TryIt')).toContain('--aws-sigv4 aws:amz:<AWS::Region>:execute-api');
  expect(output('TryIt')).toContain(` ${output('Url')}`);
});

test.each([
  [{}, '<AWS::Region>', 'console.aws.amazon.com'],
  [{ region: 'eu-west-1' }, 'eu-west-1', 'console.aws.amazon.com'],
  [{ region: 'cn-north-1' }, 'cn-north-1', 'console.amazonaws.cn'],
  [{ region: 'us-gov-west-1' }, 'us-gov-west-1', 'console.amazonaws-us-gov.com'],
  [{ region: 'eusc-de-east-1' }, 'eusc-de-east-1', 'console.amazonaws-eusc.eu'],
])('with %j DashboardUrl names the dashboard in the region %s and the console %s', (set, region, domain) => {
  const template = synthTemplate(set);
  const [dashboard] = only(template, 'AWS::CloudWatch::Dashboard');
  expect(writeValue(template.findOutputs('DashboardUrl').DashboardUrl?.Value)).toBe(
    `https://${region}.${domain}/cloudwatch/home?region=${region}#dashboards/dashboard/<${dashboard}>`,
  );
});
