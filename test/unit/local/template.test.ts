import { expect, test } from 'vitest';
import { readTemplate, type TemplateResource } from '../../../tools/local/template.ts';

const resource = (type: string, Properties: object = {}): TemplateResource => ({
  Type: `AWS::${type}`,
  Properties,
  Metadata: { 'aws:asset:path': '/code' },
});
const template = {
  Route: resource('ApiGatewayV2::Route', { RouteKey: 'PUT /a' }),
  Integration: resource('ApiGatewayV2::Integration', { IntegrationUri: { Ref: 'Alias' } }),
  Alias: resource('Lambda::Alias', { FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } }),
  Function: resource('Lambda::Function', { Environment: { Variables: { TABLE_NAME: { Ref: 'Table' } } } }),
  Table: resource('DynamoDB::Table'),
};

test('the template is followed from its route by way of the alias to the function and its table', () => {
  expect(readTemplate(template)).toMatchObject({
    route: { method: 'PUT', path: '/a' },
    function: { folder: '/code', variables: { TABLE_NAME: 'cmd_connection' } },
  });
});

const OTHER_VARIABLE = { Environment: { Variables: { KEY: { Ref: 'AWS::StackId' } } } };
test.each<[changes: Record<string, TemplateResource>, sentence: string]>([
  [{ Other: template.Route }, 'must hold one resource of type AWS::ApiGatewayV2::Route'],
  [
    { Alias: resource('Lambda::Alias', { FunctionName: { Ref: 'Table' } }) },
    'not a function of the template',
  ],
  [
    { Function: resource('Lambda::Function', OTHER_VARIABLE) },
    'The variable KEY is {"Ref":"AWS::StackId"}, which',
  ],
])('what this machine cannot run is refused with a sentence: %j', (changes, sentence) => {
  expect(() => readTemplate({ ...template, ...changes })).toThrow(sentence);
});
