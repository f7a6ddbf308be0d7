import { expect, test } from 'vitest';
import { only, synthTemplate } from './synth.ts';

const canary = synthTemplate();
const atOnce = synthTemplate({ rollout: 'allAtOnce' });
const [groupId, { Properties: group }] = only(canary, 'AWS::CodeDeploy::DeploymentGroup');
const [applicationId] = only(canary, 'AWS::CodeDeploy::Application');
const [, alias] = only(canary, 'AWS::Lambda::Alias');

/** The longest that Lambda lets the start of an environment take, in seconds. */
const WORST_START = 10;

/** What an HTTP API waits for an integration where the template does not say otherwise, in milliseconds. */
const INTEGRATION_TIMEOUT_MS = 30_000;

test('a new version gets a tenth of the traffic for five minutes', () => {
  expect(group.DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent5Minutes');
  expect(group.DeploymentStyle).toEqual({
    DeploymentOption: 'WITH_TRAFFIC_CONTROL',
    DeploymentType: 'BLUE_GREEN',
  });
});

test('CodeDeploy moves the alias, and CloudFormation waits for it', () => {
  expect(alias.UpdatePolicy).toEqual({
    CodeDeployLambdaAliasUpdate: {
      ApplicationName: { Ref: applicationId },
      DeploymentGroupName: { Ref: groupId },
    },
  });
});

test('the alarms that mean a bad version put the old one back', () => {
  const alarms = canary.findResources('AWS::CloudWatch::Alarm');
  const names = group.AlarmConfiguration.Alarms.map(({ Name }: { Name: { Ref: string } }) =>
    alarms[Name.Ref]?.Properties.AlarmName.replace('connection-logout-prod-', ''),
  );
  expect(names.toSorted()).toEqual([
    'function-duration',
    'function-errors',
    'gateway-5xx',
    'gateway-latency',
    'internal-error',
  ]);
  expect(group.AlarmConfiguration.Enabled).toBe(true);
  expect(group.AutoRollbackConfiguration).toEqual({
    Enabled: true,
    Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
  });
});

test('an alarm of a canary tells within its five minutes', () => {
  const alarms = canary.findResources('AWS::CloudWatch::Alarm');
  for (const { Name } of group.AlarmConfiguration.Alarms) {
    const { DatapointsToAlarm, Period } = alarms[Name.Ref]?.Properties ?? {};
    expect(DatapointsToAlarm * Period).toBeLessThan(300);
  }
});

test('with rollout=allAtOnce the alias moves at once, without CodeDeploy', () => {
  atOnce.resourceCountIs('AWS::CodeDeploy::DeploymentGroup', 0);
  atOnce.resourceCountIs('AWS::CodeDeploy::Application', 0);
  expect(only(atOnce, 'AWS::Lambda::Alias')[1]).not.toHaveProperty('UpdatePolicy');
});

test.each([canary, atOnce])('the alias leads to the version of what is deployed', (template) => {
  const [versionId, version] = only(template, 'AWS::Lambda::Version');
  const [functionId] = only(template, 'AWS::Lambda::Function');
  expect(version.Properties.FunctionName).toEqual({ Ref: functionId });
  expect(only(template, 'AWS::Lambda::Alias')[1].Properties).toMatchObject({
    FunctionName: { Ref: functionId },
    FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
    Name: 'live',
  });
});

test.each([{ timeZone: 'Europe/Madrid' }, { tableName: 'login-connections' }])(
  'a change of what the function is told is a new version too (%j)',
  (set) => {
    const version = (template = synthTemplate(set)) => only(template, 'AWS::Lambda::Version')[0];
    expect(version()).not.toBe(version(canary));
    expect(version(synthTemplate({ throttleRate: '7' }))).toBe(version(canary));
  },
);

test('the gateway waits longer than the worst start and the time-out of the function together', () => {
  const timeout = only(canary, 'AWS::Lambda::Function')[1].Properties.Timeout;
  const { TimeoutInMillis = INTEGRATION_TIMEOUT_MS } = only(canary, 'AWS::ApiGatewayV2::Integration')[1]
    .Properties;
  expect((WORST_START + timeout) * 1000).toBeLessThan(TimeoutInMillis);
});
