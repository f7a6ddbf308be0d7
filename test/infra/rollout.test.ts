import { expect, test } from 'vitest';
import { logoutFunction, only, resources, synthTemplate, writeValue } from './synth.ts';

const canary = synthTemplate();
const atOnce = synthTemplate({ rollout: 'allAtOnce' });
const [groupId, { Properties: group }] = only(canary, 'AWS::CodeDeploy::DeploymentGroup');
const [applicationId] = only(canary, 'AWS::CodeDeploy::Application');
const [, alias] = only(canary, 'AWS::Lambda::Alias');
const [versionId] = only(canary, 'AWS::Lambda::Version');

/** The longest that Lambda lets the start of an environment take, in seconds. */
const WORST_START = 10;

/** What an HTTP API waits for an integration where the template does not say otherwise, in milliseconds. */
const INTEGRATION_TIMEOUT_MS = 30_000;

/** The gates, by the end of their names. */
const gates = group.AlarmConfiguration.Alarms.map(
  ({ Name }: { Name: { Ref: string } }) => resources(canary)[Name.Ref]?.Properties,
) as { AlarmName: string; AlarmActions?: unknown }[];

test('a new version gets a tenth of the traffic for ten minutes', () => {
  expect(group.DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent10Minutes');
  expect(group.DeploymentStyle).toEqual({
    DeploymentOption: 'WITH_TRAFFIC_CONTROL',
    DeploymentType: 'BLUE_GREEN',
  });
});

test('CodeDeploy moves the alias once the hook has checked the new version, and CloudFormation waits for it', () => {
  const { BeforeAllowTrafficHook, ...rest } = alias.UpdatePolicy.CodeDeployLambdaAliasUpdate;
  expect(rest).toEqual({ ApplicationName: { Ref: applicationId }, DeploymentGroupName: { Ref: groupId } });
  const hook = resources(canary)[BeforeAllowTrafficHook.Ref]?.Properties;
  expect(hook.Handler).toBe('hook.handler');
  expect(hook.Environment.Variables).toEqual({ VERSION_ARN: { Ref: versionId } });
});

test('every right of the rollout is there before the alias moves', () => {
  const rights = Object.entries(resources(canary)).filter(
    ([id, { Type }]) => id.startsWith('Rollout') && ['AWS::IAM::Role', 'AWS::IAM::Policy'].includes(Type),
  );
  expect(alias.DependsOn).toEqual(expect.arrayContaining(rights.map(([id]) => id)));
  const role = resources(canary)[group.ServiceRoleArn['Fn::GetAtt'][0]];
  expect(role?.Properties.Policies).toHaveLength(1);
});

test('the gates, alarms that send no message, put the old version back', () => {
  expect(gates.length).toBeGreaterThan(0);
  for (const { AlarmName, AlarmActions } of gates) {
    expect(AlarmName).toMatch(/^connection-logout-prod-rollout-/);
    expect(AlarmActions).toBeUndefined();
  }
  expect(group.AlarmConfiguration.Enabled).toBe(true);
  expect(group.AutoRollbackConfiguration).toEqual({
    Enabled: true,
    Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'],
  });
});

test('the output RollbackAlarms has the ARNs of the gates and of the probe', () => {
  const ids = Object.entries(resources(canary))
    .filter(([, { Properties }]) => /-(rollout-[a-z]+|probe)$/.test(Properties.AlarmName ?? ''))
    .map(([id]) => `<${id}.Arn>`);
  expect(ids).toHaveLength(gates.length + 1);
  const value = writeValue(canary.findOutputs('RollbackAlarms').RollbackAlarms?.Value);
  expect(value.split(' ').toSorted()).toEqual(ids.toSorted());
});

test('with rollout=allAtOnce CodeDeploy moves the alias at once, after the same hook and without gates', () => {
  const [, { Properties }] = only(atOnce, 'AWS::CodeDeploy::DeploymentGroup');
  expect(Properties.DeploymentConfigName).toBe('CodeDeployDefault.LambdaAllAtOnce');
  expect(Properties.AlarmConfiguration ?? { Enabled: false }).toMatchObject({ Enabled: false });
  expect(only(atOnce, 'AWS::Lambda::Alias')[1].UpdatePolicy).toEqual(alias.UpdatePolicy);
});

test.each([
  ['canary', canary],
  ['allAtOnce', atOnce],
])('with rollout=%s the alias leads to the version of what is deployed', (_, template) => {
  const [id, version] = only(template, 'AWS::Lambda::Version');
  const [functionId] = logoutFunction(template);
  expect(version.Properties.FunctionName).toEqual({ Ref: functionId });
  expect(only(template, 'AWS::Lambda::Alias')[1].Properties).toMatchObject({
    FunctionName: { Ref: functionId },
    FunctionVersion: { 'Fn::GetAtt': [id, 'Version'] },
    Name: 'live',
  });
});

test('the gateway waits longer than the worst start and the timeout of the function together', () => {
  const timeout = logoutFunction(canary)[1].Properties.Timeout;
  const { TimeoutInMillis = INTEGRATION_TIMEOUT_MS } = only(canary, 'AWS::ApiGatewayV2::Integration')[1]
    .Properties;
  expect((WORST_START + timeout) * 1000).toBeLessThan(TimeoutInMillis);
});
