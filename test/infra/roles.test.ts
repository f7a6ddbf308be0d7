import { describe, expect, test } from 'vitest';
import { arn, rolesOf, type TestedRole } from './roles.ts';
import { existingTable, only, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [functionId, logout] = only(template, 'AWS::Lambda::Function');
const [tableId] = only(template, 'AWS::DynamoDB::Table');
const logGroup = arn('logs', `log-group:${logout.Properties.LoggingConfig.LogGroup.Ref}`);

/** The only role that this service may assume. */
function roleOf(service: string, roles = rolesOf(template)): TestedRole {
  const [role, ...others] = roles.filter((one) => one.service === service);
  if (role === undefined || others.length > 0)
    throw new Error(`${others.length + 1} roles of ${service}, not one`);
  return role;
}

describe("the function's role", () => {
  const role = roleOf('lambda.amazonaws.com');
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
    const withKey = roleOf('lambda.amazonaws.com', rolesOf(synthTemplate(existingTable)));
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
  const role = roleOf('codedeploy.amazonaws.com');

  test.each(['lambda:GetAlias', 'lambda:UpdateAlias'])('allows %s on the alias', async (action) => {
    expect(await role.may(action, arn('lambda', `function:${functionId}:live`))).toBe(true);
  });

  test.each([
    ['lambda:UpdateAlias', arn('lambda', 'function:other:live')],
    ['lambda:UpdateFunctionCode', arn('lambda', `function:${functionId}`)],
    ['lambda:InvokeFunction', arn('lambda', `function:${functionId}:live`)],
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
