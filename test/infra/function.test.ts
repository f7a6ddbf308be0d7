import { expect, test } from 'vitest';
import { FUNCTION_MEMORY_MB, FUNCTION_TIMEOUT_SECONDS } from '../../infra/function.ts';
import { only, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [, { Properties: properties }] = only(template, 'AWS::Lambda::Function');
const [tableId] = only(template, 'AWS::DynamoDB::Table');

test('the function runs on Node.js 24, on arm64', () => {
  expect(properties).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
  });
});

test('the function has the memory and the time-out that the code exports', () => {
  expect(properties).toMatchObject({ MemorySize: FUNCTION_MEMORY_MB, Timeout: FUNCTION_TIMEOUT_SECONDS });
});

test('the function is told the table, the time zone and the stage, and nothing else', () => {
  expect(properties.Environment.Variables).toEqual({
    TABLE_NAME: { Ref: tableId },
    TIME_ZONE: 'UTC',
    STAGE: 'prod',
  });
});

test('the settings reach the function', () => {
  const set = { stage: 'dev', timeZone: 'Europe/Madrid', tableName: 'login-connections' };
  expect(only(synthTemplate(set), 'AWS::Lambda::Function')[1].Properties.Environment.Variables).toEqual({
    TABLE_NAME: 'login-connections',
    TIME_ZONE: 'Europe/Madrid',
    STAGE: 'dev',
  });
});

test("the function writes JSON to its own log group, and so does Lambda's platform", () => {
  const { LogFormat, LogGroup } = properties.LoggingConfig;
  expect(LogFormat).toBe('JSON');
  expect(template.findResources('AWS::Logs::LogGroup')[LogGroup.Ref]).toBeDefined();
});

test.each([
  [{}, 90],
  [{ logRetentionDays: '30' }, 30],
])('both log groups keep lines as long as the settings say (%j)', (set, days) => {
  const groups = Object.values(synthTemplate(set).findResources('AWS::Logs::LogGroup'));
  expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([days, days]);
});

test('the function has a role of its own, which only Lambda may take', () => {
  const role = template.findResources('AWS::IAM::Role')[properties.Role['Fn::GetAtt'][0]];
  expect(role?.Properties).toEqual({
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    },
    Tags: [{ Key: 'stage', Value: 'prod' }],
  });
});

test('the gateway, on the one path, is all that may call the function, by its alias', () => {
  const [apiId] = only(template, 'AWS::ApiGatewayV2::Api');
  const [, permission] = only(template, 'AWS::Lambda::Permission');
  expect(permission.Properties).toEqual({
    Action: 'lambda:InvokeFunction',
    FunctionName: { Ref: only(template, 'AWS::Lambda::Alias')[0] },
    Principal: 'apigateway.amazonaws.com',
    SourceArn: {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':execute-api:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          ':',
          { Ref: apiId },
          '/*/*/api/tt_cmd_connection/logout',
        ],
      ],
    },
  });
});
