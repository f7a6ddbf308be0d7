import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A proxy in front of DynamoDB Local that does to each request what its script says next. */
export interface FaultyDynamoDb {
  /** Where it listens: what a client takes for DynamoDB. */
  readonly endpoint: string;
  /** The requests that came, in their order: the operation's name and what it was given. */
  readonly requests: readonly { readonly operation: string; readonly input: Record<string, unknown> }[];
  /** Sets what happens to the next requests, one fault each. Those after the last pass. */
  script(...faults: Fault[]): void;
  /** Ends it, with every connection that is still open. */
  close(): Promise<void>;
}

/** What happens to one request. */
export type Fault = (exchange: Exchange) => Promise<void> | void;

/** One request in the proxy's hands. */
export interface Exchange {
  readonly response: ServerResponse;
  /** Sends the request on, and waits for the table's answer. */
  forward(): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The table answers, as if there were no proxy. */
export const pass: Fault = async ({ response, forward }) => send(response, await forward());

/** The table writes, and the connection breaks before its answer. */
export const loseAnswer: Fault = async ({ response, forward }) => {
  await forward();
  response.destroy();
};

/** The connection is reset before the table sees the request. */
export const reset: Fault = ({ response }) => {
  response.socket?.resetAndDestroy();
};

/** Nothing is ever answered, and the table sees nothing. */
export const silence: Fault = () => {};

/** The table writes, and its answer breaks off in the middle. */
export const halfAnswer: Fault = async ({ response, forward }) => {
  const answer = await forward();
  response.writeHead(answer.status, answer.headers);
  response.write(answer.body.subarray(0, answer.body.length / 2), () => response.destroy());
};

/** The table writes, and its answer stops in the middle, with the connection open. */
export const halfAnswerThenSilence: Fault = async ({ response, forward }) => {
  const answer = await forward();
  response.writeHead(answer.status, answer.headers);
  response.write(answer.body.subarray(0, answer.body.length / 2));
};

/** The table writes, and something answers in its place that is no JSON. It holds what the table answered. */
export const notJson: Fault = async ({ response, forward }) => {
  const answer = await forward();
  send(response, { ...answer, body: Buffer.concat([Buffer.from('<html>'), answer.body]) });
};

/** The table writes, and answers JSON without the item. */
export const emptyAnswer: Fault = async ({ response, forward }) => {
  send(response, { ...(await forward()), body: Buffer.from('{}') });
};

/** The table writes, and the checksum of its answer is another's. */
export const wrongChecksum: Fault = async ({ response, forward }) => {
  const answer = await forward();
  send(response, { ...answer, headers: { ...answer.headers, 'x-amz-crc32': '1' } });
};

/** An error is answered, and the table sees nothing. */
export const fail =
  (status: number, type: string): Fault =>
  ({ response }) =>
    send(response, errorAnswer(status, type));

/** The table writes, and an error is answered in its place. */
export const failAfterWrite =
  (status: number, type: string): Fault =>
  async ({ response, forward }) => {
    await forward();
    send(response, errorAnswer(status, type));
  };

/** The request reaches the table after a while. */
export const lateBefore =
  (milliseconds: number): Fault =>
  async (exchange) => {
    await sleep(milliseconds);
    await pass(exchange);
  };

/** The table writes at once, and its answer comes after a while. */
export const lateAfter =
  (milliseconds: number): Fault =>
  async ({ response, forward }) => {
    const answer = await forward();
    await sleep(milliseconds);
    send(response, answer);
  };

/**
 * Starts a proxy.
 *
 * @param upstream the URL of DynamoDB Local.
 */
export async function faultyDynamoDb(upstream: string): Promise<FaultyDynamoDb> {
  const faults: Fault[] = [];
  const requests: { operation: string; input: Record<string, unknown> }[] = [];
  const server = createServer(async (incoming, response) => {
    const body = Buffer.concat(await incoming.toArray());
    const operation = String(incoming.headers['x-amz-target']).replace(/^.*\./, '');
    requests.push({ operation, input: JSON.parse(body.toString()) });
    const fault = faults.shift() ?? pass;
    await fault({ response, forward: () => forwardTo(upstream, incoming, body) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (...next) => faults.splice(0, faults.length, ...next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function forwardTo(upstream: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { host, ...headers } = incoming.headers;
  const outgoing = request(upstream, { method: 'POST', headers, agent: false });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(await answer.toArray()),
  };
}

function errorAnswer(status: number, type: string): Answer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'scripted' });
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(body) };
}

/** A client that has given up in the meantime is no fault of the proxy. */
function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}
