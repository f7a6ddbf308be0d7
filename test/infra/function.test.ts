import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { REQUEST_TIMEOUT_MS } from '../../lambda/watch/harmless-request.ts';
import { existingTable, jwt, lambda, logoutFunction, mutualTls, only, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [, { Properties: properties }] = logoutFunction(template);
const [tableId] = only(template, 'AWS::DynamoDB::Table');

test('each function runs on Node.js 24, on arm64, and Lambda writes JSON lines about it', () => {
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  expect(functions.map(({ Properties }) => Properties.Handler).sort()).toEqual([
    'hook.handler',
    'index.handler',
    'probe.handler',
  ]);
  for (const { Properties } of functions) {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogFormat: 'JSON' },
    });
  }
});

test('probe and hook wait as long as the function may take, and have time to ask it twice', () => {
  const watch = Object.values(template.findResources('AWS::Lambda::Function')).filter(
    ({ Properties }) => Properties.Handler !== 'index.handler',
  );
  expect(REQUEST_TIMEOUT_MS).toBeGreaterThanOrEqual(properties.Timeout * 1_000);
  for (const { Properties } of watch) {
    expect(Properties.Timeout * 1_000).toBeGreaterThan(2 * REQUEST_TIMEOUT_MS);
  }
});

test('by default the environment holds table, time zone, stage, kind of caller and, in a git checkout, the commit', () => {
  const { COMMIT: commit, ...variables } = properties.Environment.Variables;
  if (existsSync(new URL('../../.git', import.meta.url))) expect(commit).toMatch(/^[0-9a-f]{12}$/);
  expect(variables).toEqual({
    TABLE_NAME: { Ref: tableId },
    TIME_ZONE: 'UTC',
    STAGE: 'prod',
    AUTH: 'iam',
  });
});

test.each([
  [{ stage: 'dev' }, { STAGE: 'dev' }],
  [{ timeZone: 'Europe/Madrid' }, { TIME_ZONE: 'Europe/Madrid' }],
  [existingTable, { TABLE_NAME: 'login-connections' }],
  [jwt, { AUTH: 'jwt' }],
  [lambda, { AUTH: 'lambda' }],
  [{ ...mutualTls, certificateSubject: 'terminal_id' }, { CERTIFICATE_SUBJECT: 'terminal_id' }],
  [{ fipsEndpoint: true }, { AWS_USE_FIPS_ENDPOINT: 'true' }],
  [{ dualstackEndpoint: true }, { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
])('%j reaches the environment of the function', (set, variables) => {
  const [, { Properties }] = logoutFunction(synthTemplate(set));
  expect(Properties.Environment.Variables).toEqual({ ...properties.Environment.Variables, ...variables });
});

test('reservedConcurrency limits the function, and by default there is no limit', () => {
  const [, limited] = logoutFunction(synthTemplate({ reservedConcurrency: 20 }));
  expect(limited.Properties.ReservedConcurrentExecutions).toBe(20);
  expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
});

test("the function writes JSON to its own log group, and so does Lambda's platform", () => {
  const { LogFormat, LogGroup } = properties.LoggingConfig;
  expect(LogFormat).toBe('JSON');
  expect(template.findResources('AWS::Logs::LogGroup')[LogGroup.Ref]).toBeDefined();
});

test.each([
  [{}, 90],
  [{ logRetentionDays: '30' }, 30],
])('all log groups keep lines as long as the settings say (%j)', (set, days) => {
  const groups = Object.values(synthTemplate(set).findResources('AWS::Logs::LogGroup'));
  expect(groups.length).toBeGreaterThan(1);
  for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(days);
});

test('only the gateway of this account, on the one path, may call the function, by its alias', () => {
  const [apiId] = only(template, 'AWS::ApiGatewayV2::Api');
  const [permission, ...others] = Object.values(template.findResources('AWS::Lambda::Permission')).filter(
    // EventBridge starts the probe.
    ({ Properties }) => Properties.Principal !== 'events.amazonaws.com',
  );
  expect(others).toEqual([]);
  expect(permission?.Properties).toEqual({
    Action: 'lambda:InvokeFunction',
    FunctionName: { Ref: only(template, 'AWS::Lambda::Alias')[0] },
    Principal: 'apigateway.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
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

test('the output FunctionRole is the role of the function, which the policy of a key of the table can name', () => {
  expect(template.findOutputs('FunctionRole').FunctionRole?.Value).toEqual(properties.Role);
});

describe('a change of tableName', () => {
  const policyOf = (set: Record<string, unknown>) => {
    const template = synthTemplate(set);
    const [id = ''] = Object.entries(template.findResources('AWS::IAM::Policy'))
      .filter(([, { Properties }]) =>
        JSON.stringify(Properties.PolicyDocument).includes('dynamodb:UpdateItem'),
      )
      .map(([id]) => id);
    return { id, function: logoutFunction(template)[1] };
  };

  test('makes another policy, so that the old version keeps its own until it serves no traffic', () => {
    const ids = [{}, { tableName: 'old-table' }, { tableName: 'new-table' }].map((set) => policyOf(set).id);
    expect(new Set(ids).size).toBe(3);
  });

  test('reaches the function after its policy', () => {
    const { id, function: changed } = policyOf({ tableName: 'new-table' });
    expect(changed.DependsOn).toContain(id);
  });
});
