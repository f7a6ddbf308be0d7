import { describe, expect, test } from 'vitest';
import { resources, synthStack, synthTemplate } from './synth.ts';

const stack = synthStack();
const { template } = stack;
const jwt = { auth: 'jwt', jwtIssuer: 'https://login.example.com/', jwtAudience: 'terminals' };

/** What is lost when it is deleted, and what can be made again from the template. */
const stateful = ['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup'];
const stateless = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::QueryDefinition',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
];

test('the stack carries its stage in its name and in a tag', () => {
  expect(stack.stackName).toBe('connection-logout-prod');
  expect(synthStack({ stage: 'dev' }).stackName).toBe('connection-logout-dev');
  const tagged = Object.values(resources(template)).filter(({ Properties }) => Properties.Tags);
  expect(tagged.length).toBeGreaterThan(0);
  for (const { Properties } of tagged) {
    expect([{ stage: 'prod' }, [{ Key: 'stage', Value: 'prod' }]]).toContainEqual(Properties.Tags);
  }
});

test('the stack names no account and no region', () => {
  expect(stack.environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
});

test.each([
  ['prod', true],
  ['prod-eu', true],
  ['dev', false],
])('stage=%s: termination protection is %s', (stage, protection) => {
  expect(synthStack({ stage }).terminationProtection).toBe(protection);
});

describe.each([
  ['prod', 'Retain'],
  ['dev', 'Delete'],
])('stage=%s', (stage, policy) => {
  test.each([{}, jwt])(
    `whatever holds data says ${policy}, and every type is known to hold some or none (%j)`,
    (set) => {
      for (const { Type, DeletionPolicy, UpdateReplacePolicy } of Object.values(
        resources(synthTemplate({ ...set, stage })),
      )) {
        expect([...stateful, ...stateless]).toContain(Type);
        if (stateful.includes(Type)) expect([DeletionPolicy, UpdateReplacePolicy]).toEqual([policy, policy]);
      }
    },
  );
});

test('the outputs are what a person needs after a deployment', () => {
  const outputs = Object.entries(template.findOutputs('*'));
  expect(outputs.map(([name]) => name)).toEqual([
    'Url',
    'TableName',
    'FunctionName',
    'FunctionLog',
    'AccessLog',
    'RouteArn',
  ]);
  for (const [, { Description }] of outputs) expect(Description).toMatch(/\.$/);
});

test('the URL output is the API and the path', () => {
  expect(template.findOutputs('Url').Url?.Value).toEqual({
    'Fn::Join': [
      '',
      [{ 'Fn::GetAtt': [expect.stringMatching(/HttpApi/), 'ApiEndpoint'] }, '/api/tt_cmd_connection/logout'],
    ],
  });
});

test('without IAM there is no ARN to allow', () => {
  expect(synthTemplate(jwt).findOutputs('RouteArn')).toEqual({});
});
