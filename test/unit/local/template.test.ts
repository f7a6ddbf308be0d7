import { describe, expect, test } from 'vitest';
import { readTemplate, type TemplateResource } from '../../../tools/local/template.ts';

const resources = (
  changes: Record<string, Partial<TemplateResource>> = {},
): Record<string, TemplateResource> => {
  const all: Record<string, TemplateResource> = {
    Route: { Type: 'AWS::ApiGatewayV2::Route', Properties: { RouteKey: 'PUT /a' } },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { PayloadFormatVersion: '2.0', IntegrationUri: { 'Fn::GetAtt': ['Function', 'Arn'] } },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Handler: 'index.handler',
        Timeout: 6,
        MemorySize: 256,
        Environment: { Variables: { TABLE_NAME: { Ref: 'Table' }, STAGE: 'local' } },
      },
      Metadata: { 'aws:asset:path': '/code' },
    },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      },
    },
  };
  for (const [id, { Type, Properties }] of Object.entries(changes)) {
    all[id] = {
      ...all[id],
      Type: Type ?? all[id]?.Type ?? '',
      Properties: { ...all[id]?.Properties, ...Properties },
    };
  }
  return all;
};

const expected = {
  route: { method: 'PUT', path: '/a' },
  function: {
    handler: 'index.handler',
    folder: '/code',
    timeoutMs: 6_000,
    memoryMb: 256,
    variables: { TABLE_NAME: 'cmd_connection', STAGE: 'local' },
  },
  table: {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  },
};

test('route, function and table are read from the template', () => {
  expect(readTemplate(resources())).toEqual(expected);
});

test('the function is found by way of an alias too', () => {
  const Alias = { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'Function' } } };
  const Integration = { Properties: { IntegrationUri: { Ref: 'Alias' } } };
  expect(readTemplate(resources({ Alias, Integration }))).toEqual(expected);
});

describe('what this machine cannot run is refused with a sentence', () => {
  test.each<[string, Record<string, Partial<TemplateResource>>, string]>([
    [
      'two routes',
      { Other: { Type: 'AWS::ApiGatewayV2::Route' } },
      'must hold one resource of type AWS::ApiGatewayV2::Route',
    ],
    [
      'no function',
      { Integration: { Properties: { IntegrationUri: { Ref: 'Table' } } } },
      'not a function of the template',
    ],
    [
      'a variable from elsewhere',
      { Function: { Properties: { Environment: { Variables: { KEY: { Ref: 'AWS::StackId' } } } } } },
      'The variable KEY is {"Ref":"AWS::StackId"}, which has no value on this machine.',
    ],
  ])('%s', (_, changes, message) => {
    expect(() => readTemplate(resources(changes))).toThrow(message);
  });
});
