import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Gateway, startGateway } from '../../../tools/local/gateway.ts';
import { type HttpRequest, send } from '../../support/http.ts';
import { WAIT } from '../../support/server.ts';

let gateway: Gateway;
/** Why it responded in place of the function. */
const reasons: string[] = [];
/** The function: it responds with its event. */
const respondWithEvent = async (event: object) =>
  JSON.stringify({ statusCode: 200, body: JSON.stringify(event) });
let invoke: (event: object) => Promise<string>;

beforeAll(async () => {
  gateway = await startGateway({
    route: { method: 'PUT', path: '/logout' },
    port: 0,
    invoke: (event) => invoke(event),
    onOwnResponse: (_status, _requestId, reason) => reasons.push(reason),
  });
});
afterAll(() => gateway.close());
beforeEach(() => {
  reasons.length = 0;
  invoke = respondWithEvent;
});

/** Sends a request and reads the event that it became. */
async function sendForEvent(options: HttpRequest, query = ''): Promise<APIGatewayProxyEventV2> {
  const { status, headers, body } = await send(gateway.url + query, options);
  const event = JSON.parse(body);
  expect(status).toBe(200);
  expect(headers['apigw-requestid']).toBe(event.requestContext.requestId);
  return event;
}

test('a request becomes an event of payload format 2.0', async () => {
  const before = Date.now();
  const event = await sendForEvent(
    {
      contentType: 'application/json',
      headers: { 'User-Agent': 'till/1.0', 'X-Mixed': 'one', Expect: '100-continue', TE: 'trailers' },
      body: '{}',
    },
    '?b=2&a=%201',
  );
  const { host } = new URL(gateway.url);
  expect(event).toEqual({
    version: '2.0',
    routeKey: 'PUT /logout',
    rawPath: '/logout',
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
        path: '/logout',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'till/1.0',
      },
      requestId: expect.stringMatching(/^[\w-]{15}=$/),
      routeKey: 'PUT /logout',
      stage: '$default',
      time: expect.any(String),
      timeEpoch: expect.toSatisfy((time: number) => time >= before && time <= Date.now()),
    },
    body: '{}',
    isBase64Encoded: false,
  });
});

test('repeated headers are joined by commas', async () => {
  const { headers } = await sendForEvent({ headers: { accept: ['text/json', 'application/json'] } });
  expect(headers.accept).toBe('text/json,application/json');
});

test('an empty body is absent, and not base64', async () => {
  const event = await sendForEvent({});
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
  const body = Buffer.from('\xef\xbb\xbf{"a":"\xff"}', 'latin1');
  const event = await sendForEvent({ contentType, body });
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
  const event = await sendForEvent({ contentType, body: 'a=1' });
  expect(event).toMatchObject({ body: 'YT0x', isBase64Encoded: true });
});

test.each([
  ['PUT', '/logout/'],
  ['PUT', '/Logout'],
  ['PUT', '//logout'],
  ['POST', '/logout'],
  ['OPTIONS', '/logout'],
])('%s %s gets 404 with a request id', async (method, path) => {
  const { status, headers, body } = await send(new URL(gateway.url).origin + path, { method });
  expect({ status, type: headers['content-type'], body }).toEqual({
    status: 404,
    type: 'application/json',
    body: '{"message":"Not Found"}',
  });
  expect(headers['apigw-requestid']).toMatch(/^[\w-]{15}=$/);
  expect(reasons).toEqual([`${method} ${path}`]);
});

test.each<[string, () => Promise<string>, RegExp]>([
  ['without a response', () => Promise.reject(new Error('no luck')), /^no luck$/],
  ['whose response has no statusCode', async () => '{"body":"x"}', /^The response .* has no statusCode\.$/],
  [
    'whose response has a broken header',
    async () => '{"statusCode":200,"headers":{"a":"x\\ny"}}',
    /Invalid character in header content/,
  ],
])('a function %s gets the request 500, and the server goes on', async (_, fail, reason) => {
  invoke = fail;
  const { status, body } = await send(gateway.url, {});
  expect({ status, body }).toEqual({ status: 500, body: '{"message":"Internal Server Error"}' });
  expect(reasons).toEqual([expect.stringMatching(reason)]);
  invoke = respondWithEvent;
  await sendForEvent({});
});

test.each([
  [10 * 1024 * 1024, 200],
  [10 * 1024 * 1024 + 1, 413],
])('a body of %i bytes gets %i', async (bytes, status) => {
  expect((await send(gateway.url, { body: Buffer.alloc(bytes) })).status).toBe(status);
});

/** Sends bytes over a connection of its own, the last of which they are. */
function sendBytes(bytes: string): Socket {
  return connect(Number(new URL(gateway.url).port), '127.0.0.1').end(bytes);
}

test('bytes that are not HTTP get 400 with a request id, and the server goes on', async () => {
  const response = await text(sendBytes('logout please\r\n\r\n'));
  expect(response).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(response).toMatch(/\r\napigw-requestid: [\w-]{15}=\r\n/);
  expect(response).toContain('\r\n\r\n{"message":"Bad Request"}');
  await sendForEvent({});
});

test('a body that is cut off never reaches the function, and the server goes on', async () => {
  sendBytes('PUT /logout HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"a"');
  await vi.waitFor(() => expect(reasons).toContain('The body was cut off.'), WAIT);
  await sendForEvent({});
});
