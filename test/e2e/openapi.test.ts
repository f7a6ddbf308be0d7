import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway } from '../../tools/local/gateway.ts';
import { document, findDifferences, listResponseExamples, operation } from '../support/api-document.ts';
import { type HttpResponse, send } from '../support/http.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { ITEM, SITUATIONS } from '../support/recorded-outcomes.ts';

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service.close());

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

describe.each(listResponseExamples().filter(({ isFromGateway }) => !isFromGateway))(
  'the example $name of $status in the API document',
  ({ status, name, value }) => {
    test.each(['application/json', 'text/json'])('is what the service responds in %s', async (accept) => {
      const { item = ITEM, body, contentType, headers, faults = [] } = SITUATIONS[name as 'unset'];
      await service.table.put(item);
      service.dynamodb.script(ITEM.id, ...faults);
      const response = await put(body, contentType, accept, headers);
      service.dynamodb.script(ITEM.id);
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
  expect(documented.map(({ name }) => name)).toEqual(Object.keys(SITUATIONS));
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
    expect(await service.table.get(ITEM.id)).toMatchObject({
      success: true,
      date_logout: JSON.parse(response.body).date_logout,
    });
  },
);

test("the gateway's own 404, 413, 431 and 500 are the examples of the API document", async () => {
  const broken = await startGateway({
    route: { method: 'PUT', path: '/' },
    port: 0,
    invoke: () => Promise.reject(new Error('a defect')),
    onOwnResponse: () => {},
  });
  const responses = {
    404: await send(new URL('/', service.url).href, { body: '{}' }),
    413: await put(' '.repeat(10 * 1024 * 1024 + 1)),
    500: await send(broken.url, { body: '{}' }),
    default: await send(service.url, { headers: { long: 'x'.repeat(10_240) } }),
  };
  await broken.close();
  expect(responses.default.status).toBe(431);
  for (const [status, response] of Object.entries(responses)) {
    const example = listResponseExamples().find((one) => one.isFromGateway && one.status === status);
    expect(JSON.parse(response.body)).toEqual(example?.value);
    expectDocumented(response);
  }
});
