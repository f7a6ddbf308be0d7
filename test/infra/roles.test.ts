import { describe, expect, test } from 'vitest';
import { arn, rolesOf, type TestedRole } from './roles.ts';
import { existingTable, jwt, logoutFunction, mutualTls, only, resources, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [functionId, logout] = logoutFunction(template);
const [tableId] = only(template, 'AWS::DynamoDB::Table');
const logGroup = arn('logs', `log-group:${logout.Properties.LoggingConfig.LogGroup.Ref}`);

/** The role of a construct, which only this service may assume. */
function roleOf(construct: string, service: string, roles = rolesOf(template)): TestedRole {
  const [role, ...others] = roles.filter(({ id }) => id.startsWith(construct));
  if (role?.service !== service || others.length > 0) throw new Error(`${construct} has not one role`);
  return role;
}

describe("the function's role", () => {
  const role = roleOf(logout.Properties.Role['Fn::GetAtt'][0], 'lambda.amazonaws.com');
  const table = arn('dynamodb', `table/${tableId}`);

  test('names no action but to update items and to write log lines', () => {
    expect(role.actions).toEqual(['dynamodb:UpdateItem', 'logs:CreateLogStream', 'logs:PutLogEvents']);
  });

  test.each([
    ['dynamodb:UpdateItem', table],
    ['logs:PutLogEvents', `${logGroup}:log-stream:2026/11/25`],
  ])('allows %s on %s', async (action, resource) => {
    expect(await role.may(action, resource)).toBe(true);
  });

  test.each([
    ['dynamodb:UpdateItem', arn('dynamodb', 'table/other')],
    ['dynamodb:PutItem', table],
    ['dynamodb:DeleteItem', table],
    ['dynamodb:GetItem', table],
    ['dynamodb:Query', table],
    ['dynamodb:BatchWriteItem', table],
    ['logs:PutLogEvents', arn('logs', 'log-group:other:log-stream:2026/11/25')],
    ['logs:DeleteLogGroup', logGroup],
    ['lambda:InvokeFunction', arn('lambda', `function:${functionId}`)],
  ])('refuses %s on %s', async (action, resource) => {
    expect(await role.may(action, resource)).toBe(false);
  });

  describe('with a key of an existing table', () => {
    const { tableKeyArn } = existingTable;
    const withKey = roleOf('LogoutRole', 'lambda.amazonaws.com', rolesOf(synthTemplate(existingTable)));
    /** A key policy that leaves it to the account's roles, as KMS makes it by default. */
    const keyPolicy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::123456789012:root' },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    };
    const viaService = (service: string) => ({ 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` });

    test('allows to decrypt with it through DynamoDB', async () => {
      expect(await withKey.may('kms:Decrypt', tableKeyArn, viaService('dynamodb'), keyPolicy)).toBe(true);
      expect(await withKey.may('dynamodb:UpdateItem', arn('dynamodb', 'table/login-connections'))).toBe(true);
    });

    test('refuses to decrypt where the policy of the key allows no role', async () => {
      expect(await withKey.may('kms:Decrypt', tableKeyArn, viaService('dynamodb'))).toBe(false);
    });

    test.each([
      ['kms:Decrypt', tableKeyArn, {}],
      ['kms:Decrypt', tableKeyArn, viaService('s3')],
      ['kms:Decrypt', arn('kms', 'key/other'), viaService('dynamodb')],
      ['kms:Encrypt', tableKeyArn, viaService('dynamodb')],
    ])('refuses %s with %s in the context %j', async (action, key, context) => {
      expect(await withKey.may(action, key, context, keyPolicy)).toBe(false);
    });
  });
});

describe("CodeDeploy's role", () => {
  const role = roleOf('RolloutRole', 'codedeploy.amazonaws.com');

  test.each(['lambda:GetAlias', 'lambda:UpdateAlias'])('allows %s on the alias', async (action) => {
    expect(await role.may(action, arn('lambda', `function:${functionId}:live`))).toBe(true);
  });

  test.each([
    ['lambda:UpdateAlias', arn('lambda', 'function:other:live')],
    ['lambda:UpdateFunctionCode', arn('lambda', `function:${functionId}`)],
    ['lambda:InvokeFunction', arn('lambda', `function:${functionId}:live`)],
    ['lambda:InvokeFunction', arn('lambda', 'function:other')],
    ['dynamodb:UpdateItem', arn('dynamodb', `table/${tableId}`)],
  ])('refuses %s on %s', async (action, resource) => {
    expect(await role.may(action, resource)).toBe(false);
  });

  test('is there with rollout=canary only', () => {
    expect(rolesOf(synthTemplate({ rollout: 'allAtOnce' })).map(({ service }) => service)).not.toContain(
      'codedeploy.amazonaws.com',
    );
  });
});

describe("the hook's role", () => {
  const role = roleOf('RolloutHookRole', 'lambda.amazonaws.com');
  const [application] = only(template, 'AWS::CodeDeploy::Application');
  const [group] = only(template, 'AWS::CodeDeploy::DeploymentGroup');

  test('names no action but to invoke, to report to CodeDeploy and to write log lines', () => {
    expect(role.actions).toEqual([
      'codedeploy:PutLifecycleEventHookExecutionStatus',
      'lambda:InvokeFunction',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
  });

  test('allows to invoke the versions of the function, and nothing else', async () => {
    expect(await role.may('lambda:InvokeFunction', arn('lambda', `function:${functionId}:7`))).toBe(true);
    expect(await role.may('lambda:InvokeFunction', arn('lambda', `function:${functionId}`))).toBe(false);
    expect(await role.may('lambda:InvokeFunction', arn('lambda', 'function:other:7'))).toBe(false);
  });

  // The simulator takes the action for one without resources. CDK and SAM name the deployment group.
  test('allows to report on the deployments of its own group', () => {
    const policy = Object.entries(resources(template)).find(([id]) =>
      id.startsWith('RolloutHookStatus'),
    )?.[1];
    const [statement] = policy?.Properties.PolicyDocument.Statement ?? [];
    expect(statement.Resource['Fn::Join'][1].slice(-4)).toEqual([
      ':deploymentgroup:',
      { Ref: application },
      '/',
      { Ref: group },
    ]);
  });
});

describe("the probe's role", () => {
  const roleWith = (settings: object) =>
    roleOf('MonitoringProbeWatchRole', 'lambda.amazonaws.com', rolesOf(synthTemplate({ ...settings })));
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];

  test('with auth=iam may send the one request, and write log lines', async () => {
    const role = roleWith({});
    expect(role.actions).toEqual(['execute-api:Invoke', ...logs]);
    const [api] = only(template, 'AWS::ApiGatewayV2::Api');
    const request = (method: string) => `${api}/$default/${method}/api/tt_cmd_connection/logout`;
    expect(await role.may('execute-api:Invoke', arn('execute-api', request('PUT')))).toBe(true);
    expect(await role.may('execute-api:Invoke', arn('execute-api', request('POST')))).toBe(false);
  });

  test.each([
    ['auth=jwt', jwt],
    ['mutual TLS', mutualTls],
  ])('with %s may invoke the alias, and write log lines', async (_, settings) => {
    const role = roleWith(settings);
    expect(role.actions).toEqual(['lambda:InvokeFunction', ...logs]);
    expect(await role.may('lambda:InvokeFunction', arn('lambda', `function:${functionId}:live`))).toBe(true);
    expect(await role.may('lambda:InvokeFunction', arn('lambda', `function:${functionId}:7`))).toBe(false);
  });

  test('with auth=none may write log lines only', () => {
    expect(roleWith({ auth: 'none' }).actions).toEqual(logs);
  });
});
