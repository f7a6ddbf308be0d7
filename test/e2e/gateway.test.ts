import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type HttpRequest, send } from '../support/http.ts';
import { WAIT } from '../support/server.ts';
import { startToy, type Toy } from '../support/toy-function.ts';

/** A function that responds with the event that it was given. */
let toy: Toy;
beforeAll(async () => {
  toy = await startToy(
    'export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });',
  );
});
afterAll(() => toy.close());
beforeEach(() => {
  toy.reasons.length = 0;
});

/** Sends a request and reads the event that it became. */
async function eventFor(options: HttpRequest, query = ''): Promise<APIGatewayProxyEventV2> {
  const { status, headers, body } = await send(toy.url + query, options);
  const event = JSON.parse(body);
  expect(status).toBe(200);
  expect(headers['apigw-requestid']).toBe(event.requestContext.requestId);
  return event;
}

test('a request becomes an event of payload format 2.0', async () => {
  const before = Date.now();
  const event = await eventFor(
    {
      contentType: 'application/json',
      headers: { 'User-Agent': 'till/1.0', 'X-Mixed': 'one', Expect: '100-continue', TE: 'trailers' },
      body: '{}',
    },
    '?b=2&a=%201',
  );
  const { host } = new URL(toy.url);
  expect(event).toEqual({
    version: '2.0',
    routeKey: 'PUT /toy',
    rawPath: '/toy',
    rawQueryString: 'b=2&a=%201',
    headers: {
      host,
      'user-agent': 'till/1.0',
      'x-mixed': 'one',
      'content-type': 'application/json',
      'content-length': '2',
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: host,
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
      time: expect.any(String),
      timeEpoch: expect.toSatisfy((time: number) => time >= before && time <= Date.now()),
    },
    body: '{}',
    isBase64Encoded: false,
  });
});

test('repeated headers are joined by commas', async () => {
  const outgoing = request(toy.url, { method: 'PUT', agent: false });
  outgoing.setHeader('accept', ['text/json', 'application/json']);
  outgoing.end();
  const body = await new Promise<string>((resolve) =>
    outgoing.on('response', (response) => resolve(text(response))),
  );
  expect(JSON.parse(body).headers.accept).toBe('text/json,application/json');
});

test('an empty body is absent, and not base64', async () => {
  const event = await eventFor({});
  expect(event).not.toHaveProperty('body');
  expect(event.isBase64Encoded).toBe(false);
});

test.each([
  'application/json',
  'Application/JSON ; charset=utf-8',
  'text/json',
  'text/plain',
  'application/xml',
  'application/javascript',
])('a body of type %s is text, and its bytes that are not UTF-8 become U+FFFD', async (contentType) => {
  const event = await eventFor({ contentType, body: Buffer.from('\xef\xbb\xbf{"a":"\xff"}', 'latin1') });
  expect(event).toMatchObject({ body: '\ufeff{"a":"\ufffd"}', isBase64Encoded: false });
});

test.each([
  undefined,
  'application/x-www-form-urlencoded',
  'application/problem+json',
  'application/octet-stream',
  'application/jsonp',
  'nonsense',
])('a body of type %s is base64', async (contentType) => {
  expect(await eventFor({ contentType, body: 'a=1' })).toMatchObject({ body: 'YT0x', isBase64Encoded: true });
});

test.each([
  ['PUT', '/toy/'],
  ['PUT', '/Toy'],
  ['PUT', '//toy'],
  ['POST', '/toy'],
  ['OPTIONS', '/toy'],
])('%s %s gets 404 with a request id', async (method, path) => {
  const { status, headers, body } = await send(new URL(toy.url).origin + path, { method });
  expect({ status, type: headers['content-type'], body }).toEqual({
    status: 404,
    type: 'application/json',
    body: '{"message":"Not Found"}',
  });
  expect(headers['apigw-requestid']).toMatch(/^[\w-]{15}=$/);
  expect(toy.reasons).toEqual([`${method} ${path}`]);
});

test.each([
  [10 * 1024 * 1024, 200],
  [10 * 1024 * 1024 + 1, 413],
])('a body of %i bytes gets %i', async (bytes, status) => {
  const large = await startToy('export const handler = async () => ({ statusCode: 200 });');
  expect((await send(large.url, { body: Buffer.alloc(bytes) })).status).toBe(status);
  await large.close();
});

/** Sends bytes over a connection of its own and reads until the gateway ends it. */
function sendBytes(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(toy.url).port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

test.each([
  [
    'headers of more than 10,240 bytes',
    `PUT /toy HTTP/1.1\r\nlong: ${'x'.repeat(10_240)}\r\n\r\n`,
    '431 Request Header Fields Too Large',
  ],
  ['bytes that are not HTTP', 'logout please\r\n\r\n', '400 Bad Request'],
])('%s get the gateway’s own response, and the server goes on', async (_, bytes, status) => {
  const response = await sendBytes(bytes);
  expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\n`));
  expect(response).toMatch(/\r\napigw-requestid: [\w-]{15}=\r\n/);
  expect(response).toContain(`\r\n\r\n{"message":"${status.slice(4)}"}`);
  expect((await send(toy.url, {})).status).toBe(200);
});

test('a body that is cut off never reaches the function, and the server goes on', async () => {
  const socket = connect(Number(new URL(toy.url).port), '127.0.0.1');
  socket.write('PUT /toy HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"a"');
  socket.end();
  await vi.waitFor(
    () => expect(toy.reasons).toContainEqual(expect.stringMatching(/^The body was cut off/)),
    WAIT,
  );
  expect((await send(toy.url, {})).status).toBe(200);
});
