import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorAnswer, type Fault, pass, sendAnswer } from './faulty-dynamodb.ts';

/** The request reaches the table after a while. */
export const lateBefore =
  (milliseconds: number): Fault =>
  async (request) => {
    await sleep(milliseconds);
    await pass(request);
  };

/** The table writes, and its answer stops in the middle, with the connection open. */
export const halfAnswerThenSilence: Fault = async ({ response, forward }) => {
  const answer = await forward();
  response.writeHead(answer.status, answer.headers);
  response.write(answer.body.subarray(0, answer.body.length / 2));
};

/** Something answers with a status line that is not HTTP's, and the table sees nothing. */
export const badStatusLine: Fault = ({ response }) => {
  response.socket?.end('HTTP/1.1 OK\r\ncontent-length: 0\r\n\r\n');
};

/** The table answers, and its clock is this far from the function's. */
export const clockOff =
  (milliseconds: number): Fault =>
  async ({ response, forward }) => {
    const answer = await forward();
    const date = new Date(Date.now() + milliseconds).toUTCString();
    sendAnswer(response, { ...answer, headers: { ...answer.headers, date } });
  };

/** An error is answered whose message and code quote the request, and the table sees nothing. */
export const failQuoting =
  (status: number, type: string): Fault =>
  ({ request, response }) => {
    const quote = JSON.stringify(request.input);
    sendAnswer(
      response,
      errorAnswer(status, type, `${quote}\n    at ${quote}`, { code: quote, [quote]: quote }),
    );
  };

/** The table writes, and answers JSON without the item. */
export const emptyAnswer: Fault = async ({ response, forward }) => {
  sendAnswer(response, { ...(await forward()), body: Buffer.from('{}') });
};

/** The table writes, and the checksum of its answer is another's. */
export const wrongChecksum: Fault = async ({ response, forward }) => {
  const answer = await forward();
  sendAnswer(response, { ...answer, headers: { ...answer.headers, 'x-amz-crc32': '1' } });
};

/** The table writes, and shows an item other than the one that was asked for. */
export const anothersAnswer: Fault = async ({ response, forward }) => {
  const answer = await forward();
  const body = answer.body.toString().replace(/("id":\{"S":")[^"]+/, '$1another');
  sendAnswer(response, { ...answer, body: Buffer.from(body), headers: withoutChecksum(answer.headers) });
};

/** The table itself refuses the request as invalid. */
export const invalidRequest: Fault = async ({ response, forward }) =>
  sendAnswer(response, await forward({ ConditionExpression: 'nonsense(' }));

/** Something answers that says nothing of why, such as a proxy on the way, and the table sees nothing. */
export const failWithoutType =
  (status: number, body = ''): Fault =>
  ({ response }) =>
    sendAnswer(response, { status, headers: {}, body: Buffer.from(body) });

function withoutChecksum({ 'x-amz-crc32': _, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
