import { setTimeout as sleep } from 'node:timers/promises';
import { createTableError, type Fault, pass, relayResponse } from './faulty-dynamodb.ts';
import type { HttpResponse } from './http.ts';

/** The table responds, and its response arrives with these changes. */
const changeResponse =
  (change: (original: HttpResponse) => Partial<HttpResponse>): Fault =>
  async ({ response, forward }) => {
    const original = await forward();
    relayResponse(response, { ...original, ...change(original) });
  };

/** The table writes, and the connection breaks before its response. */
export const loseResponse: Fault = async ({ response, forward }) => {
  await forward();
  response.destroy();
};

/** The connection is reset before the table sees the request. */
export const reset: Fault = ({ response }) => {
  response.socket?.resetAndDestroy();
};

/** There is never a response, and the table sees nothing. */
export const silence: Fault = () => {};

/** The table writes, and its response breaks off in the middle. */
export const halfResponse: Fault = async (request) => {
  await halfResponseThenSilence(request);
  request.response.destroy();
};

/** The table writes, and its response stops in the middle, with the connection open. */
export const halfResponseThenSilence: Fault = async ({ response, forward }) => {
  const original = await forward();
  response.writeHead(original.status, original.headers);
  const half = original.body.slice(0, original.body.length / 2);
  await new Promise((resolve) => response.write(half, resolve));
};

/** The table writes, and something responds in its place that is not JSON. It holds the table's response. */
export const notJson = changeResponse(({ body }) => ({ body: `<html>${body}` }));

/** The table writes, and responds with JSON without the item. */
export const emptyResponse = changeResponse(() => ({ body: '{}' }));

/** The table writes, and shows an item other than the one that was asked for. */
export const anothersResponse = changeResponse(({ body }) => ({
  body: body.replace(/("id":\{"S":")[^"]+/, '$1another'),
}));

/** The table responds, and its clock is this far from the function's. */
export const clockOff = (milliseconds: number): Fault =>
  changeResponse(({ headers }) => ({
    headers: { ...headers, date: new Date(Date.now() + milliseconds).toUTCString() },
  }));

/** The table itself responds to a request that is changed like this. */
export const changeRequest =
  (changes: Record<string, unknown>): Fault =>
  async ({ response, forward }) =>
    relayResponse(response, await forward(changes));

/** The response is an error, and the table sees nothing. */
export const fail =
  (status: number, type: string, message?: string): Fault =>
  ({ response }) =>
    relayResponse(response, createTableError(status, type, message));

/** The table writes, and an error comes in the place of its response. */
export const failAfterWrite = (status: number, type: string) =>
  changeResponse(() => createTableError(status, type));

/** The response is an error whose message and code quote the request, and the table sees nothing. */
export const failQuoting =
  (status: number, type: string): Fault =>
  ({ request, response }) => {
    const quote = JSON.stringify(request.input);
    const message = `${quote}\n    at ${quote}`;
    relayResponse(response, createTableError(status, type, message, { code: quote, [quote]: quote }));
  };

/** Something responds that says nothing of why, such as a proxy on the way, and the table sees nothing. */
export const failWithoutType =
  (status: number, body = ''): Fault =>
  ({ response }) =>
    relayResponse(response, { status, headers: {}, body });

/** Something responds with a status line that is not HTTP's, and the table sees nothing. */
export const badStatusLine: Fault = ({ response }) => {
  response.socket?.end('HTTP/1.1 OK\r\ncontent-length: 0\r\n\r\n');
};

/** The table writes at once, and its response comes after a while. */
export const lateAfter =
  (milliseconds: number): Fault =>
  async ({ response, forward }) => {
    const original = await forward();
    await sleep(milliseconds);
    relayResponse(response, original);
  };

/** The request reaches the table after a while. */
export const lateBefore =
  (milliseconds: number): Fault =>
  async (request) => {
    await sleep(milliseconds);
    await pass(request);
  };
