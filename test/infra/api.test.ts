import { expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS, accessLogFields } from '../../infra/logs.ts';
import { jwt, lambda, only, synthTemplate, writeValue } from './synth.ts';

const template = synthTemplate();
const [aliasId] = only(template, 'AWS::Lambda::Alias');
const [apiId, api] = only(template, 'AWS::ApiGatewayV2::Api');

const scoped = { ...jwt, jwtAudience: 'terminals,kiosks', jwtScopes: ['logout', 'admin'] };

const route = (set: Record<string, unknown>) =>
  only(synthTemplate(set), 'AWS::ApiGatewayV2::Route')[1].Properties;
const stage = (set: Record<string, unknown> = {}) =>
  only(synthTemplate(set), 'AWS::ApiGatewayV2::Stage')[1].Properties;

test('the API is an HTTP API without CORS, and its one route calls the alias, in payload format 2.0', () => {
  expect(api.Properties).toMatchObject({ ProtocolType: 'HTTP' });
  expect(api.Properties).not.toHaveProperty('CorsConfiguration');
  const [integrationId, { Properties }] = only(template, 'AWS::ApiGatewayV2::Integration');
  expect(writeValue(route({}).Target)).toBe(`integrations/<${integrationId}>`);
  expect(route({}).RouteKey).toBe('PUT /api/tt_cmd_connection/logout');
  expect(Properties).toEqual({
    ApiId: { Ref: apiId },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { Ref: aliasId },
    PayloadFormatVersion: '2.0',
  });
});

test.each([
  [{}, 'AWS_IAM'],
  [{ auth: 'none' }, 'NONE'],
])('with %j the route has no authorizer, and the type %s', (set, type) => {
  expect(route(set)).toMatchObject({ AuthorizationType: type });
  synthTemplate(set).resourceCountIs('AWS::ApiGatewayV2::Authorizer', 0);
});

test('with auth=jwt the gateway checks issuer, audiences and, where they are set, scopes of the token', () => {
  const [id, { Properties }] = only(synthTemplate(scoped), 'AWS::ApiGatewayV2::Authorizer');
  expect(route(scoped)).toMatchObject({
    AuthorizationType: 'JWT',
    AuthorizerId: { Ref: id },
    AuthorizationScopes: ['logout', 'admin'],
  });
  expect(route(jwt)).not.toHaveProperty('AuthorizationScopes');
  expect(Properties).toMatchObject({
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://login.example.com/', Audience: ['terminals', 'kiosks'] },
  });
});

test("with auth=lambda the gateway asks the deployer's authorizer, and keeps its response for a minute", () => {
  const [id, { Properties }] = only(synthTemplate(lambda), 'AWS::ApiGatewayV2::Authorizer');
  expect(route(lambda)).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: id } });
  expect(Properties).toMatchObject({
    AuthorizerType: 'REQUEST',
    AuthorizerPayloadFormatVersion: '2.0',
    EnableSimpleResponses: true,
    AuthorizerResultTtlInSeconds: 60,
    IdentitySource: ['$request.header.Authorization'],
  });
  expect(writeValue(Properties.AuthorizerUri)).toContain(`/functions/${lambda.authorizerArn}/invocations`);
});

test('the one stage is served at the root, and deployed automatically', () => {
  expect(stage()).toMatchObject({ ApiId: { Ref: apiId }, StageName: '$default', AutoDeploy: true });
});

test.each([
  [{}, 500, 1000],
  [{ throttleRate: '20', throttleBurst: '40' }, 20, 40],
])('the stage is throttled as the settings say (%j)', (set, rate, burst) => {
  expect(stage(set).DefaultRouteSettings).toEqual({ ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst });
});

test('the name of the access log holds the id of the API, so that a log that outlived its stack does not collide', () => {
  const { DestinationArn } = stage().AccessLogSettings;
  const group = template.findResources('AWS::Logs::LogGroup')[DestinationArn['Fn::GetAtt'][0]];
  expect(writeValue(group?.Properties.LogGroupName)).toBe(
    `/aws/vendedlogs/connection-logout-prod/<${apiId}>`,
  );
});

test('a line of the access log is JSON also where no variable has a value', () => {
  const { Format } = stage().AccessLogSettings;
  expect(JSON.parse(Format)).toEqual(ACCESS_LOG_FIELDS);
  const line = Format.replace(/\$context\.[\w.]+/g, '-');
  expect(Object.values(JSON.parse(line)).every((value) => value === '-')).toBe(true);
});

test("the access log holds the caller's ARN with logCaller only", () => {
  const fields = (set: Record<string, unknown>) => JSON.parse(stage(set).AccessLogSettings.Format);
  expect(fields({ logCaller: true })).toEqual({ ...ACCESS_LOG_FIELDS, caller: '$context.identity.userArn' });
  expect(JSON.stringify(fields({}))).not.toMatch(/userArn|claims|principal/);
});

test('the access log uses variables that HTTP APIs have', () => {
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
  const fields = accessLogFields({ truststoreUri: 's3://trust/store.pem', logCaller: true });
  expect(Object.values(fields).toSorted()).toEqual([
    '$context.authorizer.error',
    '$context.error.responseType',
    '$context.httpMethod',
    '$context.identity.clientCert.subjectDN',
    '$context.identity.sourceIp',
    '$context.identity.userArn',
    '$context.integration.requestId',
    '$context.integration.status',
    '$context.integrationErrorMessage',
    '$context.path',
    '$context.requestId',
    '$context.responseLatency',
    '$context.routeKey',
    '$context.status',
  ]);
});
