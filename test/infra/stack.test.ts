import { expect, test } from 'vitest';
import { only, resources, synthStack, writeValue } from './synth.ts';

test.each([
  ['cn-north-1', 'console.amazonaws.cn'],
  ['us-gov-west-1', 'console.amazonaws-us-gov.com'],
  ['eusc-de-east-1', 'console.amazonaws-eusc.eu'],
])('in %s the output DashboardUrl names the dashboard in the console %s', (region, host) => {
  const { template } = synthStack({ stage: 'dev', region });
  const [dashboard] = only(template, 'AWS::CloudWatch::Dashboard');
  expect(writeValue(template.findOutputs('DashboardUrl').DashboardUrl?.Value)).toBe(
    `https://${region}.${host}/cloudwatch/home?region=${region}#dashboards/dashboard/<${dashboard}>`,
  );
});

test('no resource has a name that is global to the account, but the dashboard, whose name holds the region', () => {
  const { template } = synthStack();
  const names = Object.values(resources(template)).flatMap(({ Properties }) =>
    Object.keys(Properties).filter((name) => /^(Role|User|Bucket|ManagedPolicy)Name$/.test(name)),
  );
  expect(names).toEqual([]);
  const [, { Properties }] = only(template, 'AWS::CloudWatch::Dashboard');
  expect(writeValue(Properties.DashboardName)).toContain('<AWS::Region>');
});
