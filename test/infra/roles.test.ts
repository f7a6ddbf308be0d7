import type { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { existingTable, jwt, lambda, mutualTls, resources, synthTemplate, writeValue } from './synth.ts';

const write = (value: unknown) => withoutHash(writeValue(value));

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
}

/**
 * Writes down who may do what, whole: for each role, who assumes it, and each statement of each of its policies; for each
 * topic, who may publish; for each permission on a function, who may call it. What is not expected in a role, such as a
 * managed policy, is written too.
 */
function writeRights(template: Template): Record<string, string[]> {
  const all = Object.entries(resources(template));
  const rights: Record<string, string[]> = {};
  for (const [id, { Type, Properties }] of all) {
    if (Type === 'AWS::IAM::Role') {
      const { AssumeRolePolicyDocument: trust, Policies = [], Tags: _, ...more } = Properties;
      const others = Object.keys(more).length > 0 ? [JSON.stringify(more)] : [];
      const inline = Policies.flatMap((policy: { PolicyDocument: object }) =>
        statements(policy.PolicyDocument),
      );
      rights[withoutHash(id)] = [...statements(trust), ...inline, ...others];
    }
    if (Type === 'AWS::SNS::TopicPolicy') {
      for (const topic of Properties.Topics) rights[write(topic)] = statements(Properties.PolicyDocument);
    }
    if (Type === 'AWS::Lambda::Permission') {
      const { Action, FunctionName, Principal, ...conditions } = Properties;
      const on = write(FunctionName);
      rights[on] = [...(rights[on] ?? []), `${Principal} may ${Action} if ${write(conditions)}`];
    }
  }
  for (const [, { Type, Properties }] of all) {
    if (Type !== 'AWS::IAM::Policy') continue;
    for (const role of Properties.Roles) {
      rights[withoutHash(role.Ref)]?.push(...statements(Properties.PolicyDocument));
    }
  }
  return rights;
}

const statements = (document: { Statement?: Statement[] }): string[] =>
  (document.Statement ?? []).map(({ Sid: _, Effect, Action, Resource, Principal, ...conditions }) =>
    [
      Principal ? write(Principal) : '',
      Effect === 'Allow' ? 'may' : Effect,
      [Action].flat().join(', '),
      Resource ? `on ${[Resource].flat().map(write).join(', ')}` : '',
      Object.keys(conditions).length > 0 ? `if ${write(conditions)}` : '',
    ]
      .filter(Boolean)
      .join(' '),
  );

/** Logical ids without the hash that ends them. */
const withoutHash = (text: string) => text.replace(/\b([A-Za-z]+)[0-9A-F]{8}\b/g, '$1');

const arn = (service: string, resource: string) =>
  `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;
const writesLog = (construct: string) => `may logs:CreateLogStream, logs:PutLogEvents on <${construct}.Arn>`;
const LAMBDA = 'Service lambda.amazonaws.com may sts:AssumeRole';
const VERSIONS = '<LogoutFunction.Arn>:*';

const denyWithoutTls = (topic: string) =>
  `* Deny sns:Publish on <${topic}> if Condition Bool aws:SecureTransport false`;
const allowAlarms = (topic: string) =>
  `Service cloudwatch.amazonaws.com may sns:Publish on <${topic}> if Condition StringEquals aws:SourceAccount <AWS::AccountId>`;

/** What anyone may do in any stage. */
const RIGHTS = {
  LogoutRole: [LAMBDA, writesLog('LogoutLog'), 'may dynamodb:UpdateItem on <ConnectionsTable.Arn>'],
  '<LogoutFunctionAliaslive>': [
    `apigateway.amazonaws.com may lambda:InvokeFunction if SourceArn ${arn('execute-api', '<ApiHttpApi>/*/*/api/tt_cmd_connection/logout')}`,
  ],
  // The versions: the next one does not exist yet when the policy is written.
  RolloutHookRole: [
    LAMBDA,
    writesLog('RolloutHookLog'),
    `may lambda:InvokeFunction on ${VERSIONS}`,
    `may codedeploy:PutLifecycleEventHookExecutionStatus on ${arn('codedeploy', 'deploymentgroup:<RolloutDeploymentGroupApplication>/<RolloutDeploymentGroup>')}`,
  ],
  // The alias is one of the versions' ARNs. DescribeAlarms can need all resources, as AWS's page on it says.
  RolloutRole: [
    'Service codedeploy.amazonaws.com may sts:AssumeRole',
    `may lambda:GetAlias, lambda:GetProvisionedConcurrencyConfig, lambda:UpdateAlias on <LogoutFunction.Arn>, ${VERSIONS}`,
    'may lambda:InvokeFunction on <RolloutHookFunction.Arn>',
    'may cloudwatch:DescribeAlarms on *',
  ],
};

/** What anyone may do besides in a stage with alarms and a probe. */
const RIGHTS_OF_MONITORING = {
  MonitoringProbeWatchRole: [
    LAMBDA,
    writesLog('MonitoringProbeWatchLog'),
    `may execute-api:Invoke on ${arn('execute-api', '<ApiHttpApi>/$default/PUT/api/tt_cmd_connection/logout')}`,
  ],
  '<MonitoringProbeWatchFunction.Arn>': [
    'events.amazonaws.com may lambda:InvokeFunction if SourceArn <MonitoringProbeEveryMinute.Arn>',
  ],
  '<MonitoringTopicsPage>': [denyWithoutTls('MonitoringTopicsPage'), allowAlarms('MonitoringTopicsPage')],
  '<MonitoringTopicsTicket>': [
    denyWithoutTls('MonitoringTopicsTicket'),
    allowAlarms('MonitoringTopicsTicket'),
    'Service events.amazonaws.com may sns:Publish on <MonitoringTopicsTicket> if Condition ArnEquals aws:SourceArn <MonitoringTopicsFailedDeployment.Arn>',
  ],
};

test('no one may do more or less than what is listed here, in a stage with alarms and in one without', () => {
  expect(writeRights(synthTemplate())).toEqual({ ...RIGHTS, ...RIGHTS_OF_MONITORING });
  expect(writeRights(synthTemplate({ stage: 'dev' }))).toEqual(RIGHTS);
});

test('rights are given by no other kind of resource than those that are listed', () => {
  const types = new Set(
    Object.values(resources(synthTemplate({ ...jwt, ...mutualTls }))).map(({ Type }) => Type),
  );
  expect([...types].filter((type) => /Policy|Permission|IAM|Role/.test(type)).toSorted()).toEqual([
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::Lambda::Permission',
    'AWS::SNS::TopicPolicy',
  ]);
});

test('with an existing table the function may update it, and decrypt with its key through DynamoDB only', () => {
  expect(writeRights(synthTemplate(existingTable)).LogoutRole).toEqual([
    LAMBDA,
    writesLog('LogoutLog'),
    `may dynamodb:UpdateItem on ${arn('dynamodb', 'table/login-connections')}`,
    `may kms:Decrypt on ${existingTable.tableKeyArn} if Condition StringEquals kms:ViaService dynamodb.<AWS::Region>.<AWS::URLSuffix>`,
  ]);
});

test.each([
  ['auth=jwt', jwt, ['may lambda:InvokeFunction on <LogoutFunctionAliaslive>']],
  ['mutual TLS', mutualTls, ['may lambda:InvokeFunction on <LogoutFunctionAliaslive>']],
  ['auth=none', { auth: 'none' }, []],
])('with %s, where the probe signs nothing, it may do no more than it needs', (_, set, more) => {
  expect(writeRights(synthTemplate(set)).MonitoringProbeWatchRole).toEqual([
    LAMBDA,
    writesLog('MonitoringProbeWatchLog'),
    ...more,
  ]);
});

test("with auth=lambda only the gateway, for this API's authorizer, may call the function of the deployer", () => {
  const authorizer = Object.keys(synthTemplate(lambda).findResources('AWS::ApiGatewayV2::Authorizer'));
  expect(writeRights(synthTemplate(lambda))[lambda.authorizerArn]).toEqual([
    `apigateway.amazonaws.com may lambda:InvokeFunction if SourceArn ${arn('execute-api', `<ApiHttpApi>/authorizers/<${withoutHash(authorizer[0] ?? '')}>`)}`,
  ]);
});
