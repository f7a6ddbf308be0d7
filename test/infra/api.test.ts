import { expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../infra/logs.ts';
import { jwt, lambda, only, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [aliasId] = only(template, 'AWS::Lambda::Alias');
const [apiId, api] = only(template, 'AWS::ApiGatewayV2::Api');

const audiences = { ...jwt, jwtAudience: 'terminals,kiosks' };

const route = (set: Record<string, unknown>) =>
  only(synthTemplate(set), 'AWS::ApiGatewayV2::Route')[1].Properties;
const stage = (set: Record<string, unknown> = {}) =>
  only(synthTemplate(set), 'AWS::ApiGatewayV2::Stage')[1].Properties;

test('the API is an HTTP API without CORS', () => {
  expect(api.Properties.ProtocolType).toBe('HTTP');
  expect(api.Properties).not.toHaveProperty('CorsConfiguration');
});

test('there is one route: PUT on the path of the contract', () => {
  expect(route({}).RouteKey).toBe('PUT /api/tt_cmd_connection/logout');
});

test('the route calls the alias of the function, in payload format 2.0', () => {
  const [integrationId, { Properties }] = only(template, 'AWS::ApiGatewayV2::Integration');
  expect(route({}).Target).toEqual({ 'Fn::Join': ['', ['integrations/', { Ref: integrationId }]] });
  expect(Properties).toEqual({
    ApiId: { Ref: apiId },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { Ref: aliasId },
    PayloadFormatVersion: '2.0',
  });
});

test('by default callers sign with IAM', () => {
  expect(route({}).AuthorizationType).toBe('AWS_IAM');
  template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 0);
});

test('with auth=jwt the gateway checks issuer and audiences of the token', () => {
  const [id, { Properties }] = only(synthTemplate(audiences), 'AWS::ApiGatewayV2::Authorizer');
  expect(route(audiences)).toMatchObject({ AuthorizationType: 'JWT', AuthorizerId: { Ref: id } });
  expect(Properties).toMatchObject({
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://login.example.com/', Audience: ['terminals', 'kiosks'] },
  });
});

test('with jwtScopes the gateway checks the scope of the token too', () => {
  expect(route({ ...jwt, jwtScopes: ['logout', 'admin'] }).AuthorizationScopes).toEqual(['logout', 'admin']);
  expect(route(jwt)).not.toHaveProperty('AuthorizationScopes');
});

test("with auth=lambda the gateway asks the deployer's authorizer, and keeps its answer for a minute", () => {
  const [id, { Properties }] = only(synthTemplate(lambda), 'AWS::ApiGatewayV2::Authorizer');
  expect(route(lambda)).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: id } });
  expect(Properties).toMatchObject({
    AuthorizerType: 'REQUEST',
    AuthorizerPayloadFormatVersion: '2.0',
    EnableSimpleResponses: true,
    AuthorizerResultTtlInSeconds: 60,
    IdentitySource: ['$request.header.Authorization'],
  });
  expect(JSON.stringify(Properties.AuthorizerUri)).toContain(
    `/functions/${lambda.authorizerArn}/invocations`,
  );
});

test('with auth=none the route is open', () => {
  expect(route({ auth: 'none' }).AuthorizationType).toBe('NONE');
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
  expect(group?.Properties.LogGroupName).toEqual({
    'Fn::Join': ['', ['/aws/vendedlogs/connection-logout-prod/', { Ref: apiId }]],
  });
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
  expect(Object.values(ACCESS_LOG_FIELDS).toSorted()).toEqual([
    '$context.authorizer.error',
    '$context.error.message',
    '$context.error.responseType',
    '$context.httpMethod',
    '$context.identity.clientCert.serialNumber',
    '$context.identity.clientCert.subjectDN',
    '$context.identity.sourceIp',
    '$context.integration.integrationStatus',
    '$context.integration.requestId',
    '$context.integration.status',
    '$context.integrationErrorMessage',
    '$context.integrationLatency',
    '$context.path',
    '$context.requestId',
    '$context.requestTimeEpoch',
    '$context.responseLatency',
    '$context.responseLength',
    '$context.routeKey',
    '$context.status',
  ]);
});
