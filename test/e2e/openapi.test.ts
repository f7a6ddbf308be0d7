import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { document, findDifferences, listResponseExamples, operation } from '../support/api-document.ts';
import { fail, notJson } from '../support/faults.ts';
import type { Fault } from '../support/faulty-dynamodb.ts';
import { type HttpResponse, send } from '../support/http.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { RawClient } from '../support/raw-client.ts';
import type { Item } from '../support/table.ts';
import { startToy } from '../support/toy-function.ts';

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service.close());

const ID = '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713';
const DATE = '2026-05-09T17:00:00.1234567+02:00';

/** The connection of the document's examples, logged in. */
const ITEM: Item = {
  id: ID,
  locator: 'MAD-04-TERRACE',
  id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
  terminal_id: 'T-0412',
  date_login: '2026-05-09T09:00:00+02:00',
  terminal_type: 'handheld',
  id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
};
beforeEach(() => service.table.put(ITEM));

const put = (
  body: unknown,
  contentType = 'application/json',
  accept?: string,
  headers: Record<string, string> = {},
): Promise<HttpResponse> =>
  send(service.url, {
    contentType,
    accept,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** The example with the request id of the response. */
const withRequestId = (value: object, { headers }: HttpResponse) =>
  JSON.stringify('request_id' in value ? { ...value, request_id: headers['apigw-requestid'] } : value);

const expectDocumented = (response: HttpResponse) => expect(findDifferences(response)).toEqual([]);

/** For each example of a response of the service: the item before, the request, and what the table does. */
const CASES: Readonly<
  Record<
    string,
    { item?: Item; request: unknown; type?: string; headers?: Record<string, string>; faults?: Fault[] }
  >
> = {
  '200 logged_out': { request: { id: ID, terminal_id: 'T-0412', date_logout: DATE } },
  '200 repeated': { item: { ...ITEM, success: true, date_logout: DATE }, request: { id: ID } },
  '200 unset': { item: { id: ID }, request: { id: ID, date_logout: DATE } },
  '400 malformed_body': { request: '{"id":' },
  '400 invalid_connection': { request: { id_user: 'x', success: 'yes', locator: [], date_login: 'noon' } },
  '400 early_logout': {
    request: { id: ID, date_login: DATE, date_logout: '2026-05-09T17:00:00.1234566+02:00' },
  },
  '404 connection_not_found': { request: { id: ID, terminal_id: 'T-0413' } },
  '409 already_logged_out': {
    item: { ...ITEM, success: true, date_logout: '2026-05-09T16:45:00Z' },
    request: { id: ID, date_logout: DATE },
  },
  '413 body_too_large': { request: { id: ID, message: 'x'.repeat(65_536) } },
  '415 unsupported_media_type': { request: '<id/>', type: 'application/xml' },
  '415 compressed_body': { request: { id: ID }, headers: { 'content-encoding': 'gzip' } },
  '500 internal_error': { request: { id: ID }, faults: [fail(400, 'AccessDeniedException')] },
  // More than there are attempts.
  '503 store_unavailable': { request: { id: ID }, faults: Array(10).fill(notJson) },
};

describe.each(listResponseExamples().filter(({ isFromGateway }) => !isFromGateway))(
  'the example $name of $status in the API document',
  ({ status, name, value }) => {
    test.each(['application/json', 'text/json'])('is what the service responds in %s', async (accept) => {
      const {
        item = ITEM,
        request,
        type,
        headers,
        faults = [],
      } = CASES[`${status} ${name}`] ?? { request: '' };
      await service.table.put(item);
      service.dynamodb.script(...faults);
      const response = await put(request, type, accept, headers);
      service.dynamodb.script();
      expect(String(response.status)).toBe(status);
      expect(response.headers['content-type']).toBe(`${accept}; charset=utf-8`);
      expect(response.body).toBe(withRequestId(value, response));
      expectDocumented(response);
    });
  },
);

test('the API document describes the one route of the template', () => {
  expect(Object.keys(document.paths)).toEqual([new URL(service.url).pathname]);
  expect(Object.keys(document.paths[new URL(service.url).pathname])).toEqual(['put']);
});

test('each example of a response of the service in the API document is tested', () => {
  const documented = listResponseExamples().filter(({ isFromGateway }) => !isFromGateway);
  expect(documented.map(({ status, name }) => `${status} ${name}`)).toEqual(Object.keys(CASES));
});

/** Every example of a request, in each of its formats. */
const requestExamples = Object.entries<{ examples: Record<string, { value: Record<string, string> }> }>(
  operation.requestBody.content,
).flatMap(([type, { examples }]) =>
  Object.entries(examples).map(([name, { value }]) => ({ type, name, value })),
);

test.each(requestExamples)(
  'the request $name of the API document logs the connection out in $type',
  async ({ type, value }) => {
    const response = await put(type.endsWith('json') ? value : `${new URLSearchParams(value)}`, type);
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toContain(
      type === 'text/json' ? 'text/json' : 'application/json',
    );
    expectDocumented(response);
    expect(await service.table.get(ID)).toMatchObject({
      success: true,
      date_logout: JSON.parse(response.body).date_logout,
    });
  },
);

describe("a response of the gateway's own is the example of the API document", () => {
  const expectExample = (response: HttpResponse, status: string) => {
    const example = listResponseExamples().find((one) => one.isFromGateway && one.status === status);
    expect(JSON.parse(response.body)).toEqual(example?.value);
    expectDocumented(response);
  };

  test('404 for another path', async () => {
    expectExample(await send(new URL('/', service.url).href, { body: '{}' }), '404');
  });

  test('413 for more than 10 MB', async () => {
    expectExample(await put(' '.repeat(10 * 1024 * 1024 + 1)), '413');
  });

  test('431 for more than 10,240 bytes of headers', async () => {
    const response = await send(service.url, { headers: { long: 'x'.repeat(10_240) } });
    expect(response.status).toBe(431);
    expectExample(response, 'default');
  });

  test('400 for bytes that are not HTTP', async () => {
    const client = await RawClient.connect(Number(new URL(service.url).port));
    client.send('logout please\r\n\r\n');
    expectExample(await client.readResponse(), '400');
  });

  test('500 for a function that fails', async () => {
    const toy = await startToy("export const handler = () => Promise.reject(new Error('a defect'));");
    expectExample(await send(toy.url, { body: '{}' }), '500');
    await toy.close();
  });
});
