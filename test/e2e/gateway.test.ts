import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { startToy, type Toy } from '../support/toy-function.ts';

/** A function that answers with the event that it was given. */
let toy: Toy;
beforeAll(async () => {
  toy = await startToy('export const handler = async (event) => event;');
});
afterAll(() => toy.close());

/** Sends a request as it is written and reads the event that it became. */
async function eventOf(...lines: string[]): Promise<APIGatewayProxyEventV2> {
  const client = await RawClient.connect(toy.port);
  client.send(lines.join('\r\n'));
  const { status, headers, body } = await client.answer();
  client.end();
  const event = JSON.parse(body);
  expect(status).toBe(200);
  expect(headers['apigw-requestid']).toBe(event.requestContext.requestId);
  return event;
}

const withBody = (type: string, body: string) =>
  eventOf(
    'PUT /toy HTTP/1.1',
    'Host: pos',
    ...(type ? [`Content-Type: ${type}`] : []),
    `Content-Length: ${body.length}`,
    '',
    body,
  );

describe('a request becomes an event as the HTTP API makes it, format 2.0', () => {
  test('all of it', async () => {
    const before = Date.now();
    const event = await eventOf(
      'PUT /toy?b=2&a=%201&b=3 HTTP/1.1',
      'Host: pos.example:8443',
      'User-Agent: till/1.0',
      'X-Mixed: one',
      'x-mixed: two',
      'Content-Type: application/json',
      'content-type: text/plain',
      'Cookie: s=1; t=2',
      'Connection: keep-alive',
      'Content-Length: 2',
      '',
      '{}',
    );
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'PUT /toy',
      rawPath: '/toy',
      rawQueryString: 'b=2&a=%201&b=3',
      cookies: ['s=1', 't=2'],
      headers: {
        host: 'pos.example:8443',
        'user-agent': 'till/1.0',
        'x-mixed': 'one,two',
        'content-type': 'application/json,text/plain',
        'content-length': '2',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(toy.port),
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { b: '2,3', a: ' 1' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: 'pos.example:8443',
        domainPrefix: 'local',
        http: {
          method: 'PUT',
          path: '/toy',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'till/1.0',
        },
        requestId: expect.stringMatching(/^[\w-]{15}=$/),
        routeKey: 'PUT /toy',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.toSatisfy((time: number) => time >= before && time <= Date.now()),
      },
      body: expect.any(String),
      isBase64Encoded: true,
    });
  });

  test('an empty body is absent, and not base64', async () => {
    const event = await eventOf('PUT /toy HTTP/1.1', 'Host: pos', '', '');
    expect(event).not.toHaveProperty('body');
    expect(event).not.toHaveProperty('cookies');
    expect(event).not.toHaveProperty('queryStringParameters');
    expect(event.isBase64Encoded).toBe(false);
  });

  test.each([
    'application/json',
    'Application/JSON ; charset=utf-8',
    'text/json',
    'text/plain',
    'application/xml',
    'application/javascript',
  ])('a body of type %s is text', async (type) => {
    expect(await withBody(type, '{"a":1}')).toMatchObject({ body: '{"a":1}', isBase64Encoded: false });
  });

  test.each([
    '',
    'application/x-www-form-urlencoded',
    'application/problem+json',
    'application/octet-stream',
    'application/jsonp',
    'nonsense',
  ])('a body of type "%s" is base64', async (type) => {
    expect(await withBody(type, 'a=1')).toMatchObject({ body: 'YT0x', isBase64Encoded: true });
  });

  test('bytes of a text that are not UTF-8 become U+FFFD, and a byte order mark stays', async () => {
    expect((await withBody('text/json', '\xef\xbb\xbf{"a":"\xff"}')).body).toBe('\ufeff{"a":"\ufffd"}');
  });

  test('a header or parameter may be named like a property of every object', async () => {
    const event = await eventOf(
      'PUT /toy?__proto__=1 HTTP/1.1',
      'Host: pos',
      '__proto__: 1',
      'constructor: 2',
      '',
      '',
    );
    expect(Object.entries(event.headers)).toEqual(
      expect.arrayContaining([
        ['__proto__', '1'],
        ['constructor', '2'],
      ]),
    );
    expect(Object.keys(event.queryStringParameters ?? {})).toEqual(['__proto__']);
  });

  test('the target may be a whole URL, as a proxy sends it', async () => {
    expect(await eventOf('PUT http://pos/toy?a=1 HTTP/1.1', 'Host: pos', '', '')).toMatchObject({
      rawPath: '/toy',
      rawQueryString: 'a=1',
    });
  });
});

test.each([
  ['PUT', '/toy/'],
  ['PUT', '/Toy'],
  ['PUT', '/'],
  ['PUT', '//toy'],
  ['PUT', '*'],
  ['POST', '/toy'],
  ['OPTIONS', '/toy'],
  ['CONNECT', 'toy:1'],
])('%s %s gets 404', async (method, target) => {
  const client = await RawClient.connect(toy.port);
  client.send(`${method} ${target} HTTP/1.1\r\nHost: pos\r\n\r\n`);
  const { status, headers, body } = await client.answer();
  client.end();
  expect({ status, type: headers['content-type'], body }).toEqual({
    status: 404,
    type: 'application/json',
    body: '{"message":"Not Found"}',
  });
  expect(toy.responses.at(-1)).toMatchObject({
    status: 404,
    code: 'not_found',
    requestId: headers['apigw-requestid'],
  });
});
