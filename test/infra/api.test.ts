import { expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../infra/logs.ts';
import { jwt, lambda, mutualTls, only, synthTemplate } from './synth.ts';

const readFormat = (settings: Record<string, unknown> = {}): string =>
  only(synthTemplate(settings), 'AWS::ApiGatewayV2::Stage')[1].Properties.AccessLogSettings.Format;

test.each([
  ['auth=iam', {}, 'AWS_IAM'],
  ['auth=jwt', jwt, 'JWT'],
  ['auth=lambda', lambda, 'CUSTOM'],
  ['auth=none', { auth: 'none' }, 'NONE'],
])('with %s the route authenticates callers that way', (_, settings, type) => {
  const [, { Properties }] = only(synthTemplate(settings), 'AWS::ApiGatewayV2::Route');
  expect(Properties.AuthorizationType).toBe(type);
});

test('the endpoint that asks for no certificate is off where truststoreUri is set', () => {
  const [, { Properties }] = only(synthTemplate(mutualTls), 'AWS::ApiGatewayV2::Api');
  expect(Properties.DisableExecuteApiEndpoint).toBe(true);
});

test('a line of the access log is JSON also where no variable has a value', () => {
  const line = readFormat().replace(/\$context\.[\w.]+/g, '-');
  expect(new Set(Object.values(JSON.parse(line)))).toEqual(new Set(['-']));
});

test("the access log holds the caller's ARN with logCaller only, and nothing else of a person but the address", () => {
  expect(JSON.parse(readFormat({ logCaller: true }))).toEqual({
    ...ACCESS_LOG_FIELDS,
    caller: '$context.identity.userArn',
  });
  expect(readFormat()).not.toMatch(/userArn|claims|principal|userAgent|header|query/i);
});
