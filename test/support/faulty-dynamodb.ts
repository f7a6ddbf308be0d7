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

/** A proxy in front of a DynamoDB engine that does to each request what its script says next. */
export interface FaultyDynamoDb {
  /** Where it listens: what a client takes for DynamoDB. */
  readonly endpoint: string;
  /** The requests that came, in their order. */
  readonly requests: readonly StoreRequest[];
  /** Sets what happens to the next requests, one fault each. Those after the last pass. */
  script(...faults: Fault[]): void;
  /** Waits until nothing is on its way to the table any more, however late. */
  settled(): Promise<void>;
  /** Refuses connections from now on, and cuts off those that are open. */
  refuse(): Promise<void>;
  /** Listens again, where it did before. */
  accept(): Promise<void>;
  /** Ends it, with every connection that is still open. */
  close(): Promise<void>;
}

/** A request of the function's: the operation's name and what it was given. */
export interface StoreRequest {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** What happens to one request. */
export type Fault = (request: ProxiedRequest) => Promise<void> | void;

/** One request on its way through the proxy. */
export interface ProxiedRequest {
  readonly request: StoreRequest;
  readonly response: ServerResponse;
  /**
   * Sends the request on, and waits for the table's answer.
   *
   * @param changes what to put in the place of what the request gives.
   */
  forward(changes?: Record<string, unknown>): Promise<Answer>;
}

/** An answer of the table's. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The table answers, as if there were no proxy. */
export const pass: Fault = async ({ response, forward }) => sendAnswer(response, await forward());

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

/** The table writes, and something answers in its place that is not JSON. It holds what the table answered. */
export const notJson: Fault = async ({ response, forward }) => {
  const answer = await forward();
  sendAnswer(response, { ...answer, body: Buffer.concat([Buffer.from('<html>'), answer.body]) });
};

/** The table itself answers that it is not there. */
export const missingTable: Fault = async ({ response, forward }) =>
  sendAnswer(response, await forward({ TableName: 'no_such_table' }));

/** An error is answered, and the table sees nothing. */
export const fail =
  (status: number, type: string, message?: string): Fault =>
  ({ response }) =>
    sendAnswer(response, errorAnswer(status, type, message));

/** The table writes, and an error is answered in its place. */
export const failAfterWrite =
  (status: number, type: string): Fault =>
  async ({ response, forward }) => {
    await forward();
    sendAnswer(response, errorAnswer(status, type));
  };

/** The table writes at once, and its answer comes after a while. */
export const lateAfter =
  (milliseconds: number): Fault =>
  async ({ response, forward }) => {
    const answer = await forward();
    await sleep(milliseconds);
    sendAnswer(response, answer);
  };

/**
 * Starts a proxy.
 *
 * @param upstream the URL of the engine.
 * @param choose says what happens to each request, in place of a script. Requests are then not kept.
 */
export async function faultyDynamoDb(
  upstream: string,
  choose?: (request: StoreRequest) => Fault,
): Promise<FaultyDynamoDb> {
  const faults: Fault[] = [];
  const requests: StoreRequest[] = [];
  const running = new Set<Promise<void>>();
  const server = createServer(async (incoming, response) => {
    const body = Buffer.concat(await incoming.toArray());
    const operation = String(incoming.headers['x-amz-target']).replace(/^.*\./, '');
    const request = { operation, input: JSON.parse(body.toString()) };
    if (choose === undefined) requests.push(request);
    const fault = choose?.(request) ?? faults.shift() ?? pass;
    const forward: ProxiedRequest['forward'] = (changes) =>
      forwardTo(upstream, incoming, changes ? JSON.stringify({ ...request.input, ...changes }) : body);
    const run = Promise.resolve(fault({ request, response, forward }));
    running.add(run);
    await run.finally(() => running.delete(run));
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    script: (...next) => faults.splice(0, faults.length, ...next),
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    refuse: close,
    accept: () => listen(port),
    close,
  };
}

async function forwardTo(
  upstream: string,
  incoming: IncomingMessage,
  body: Buffer | string,
): Promise<Answer> {
  const { host, ...headers } = incoming.headers;
  headers['content-length'] = String(Buffer.byteLength(body));
  const outgoing = request(upstream, { method: 'POST', headers, agent: false });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: Buffer.concat(await answer.toArray()),
  };
}

/**
 * Makes an answer that refuses a request, as DynamoDB writes it.
 *
 * @param type the error's name.
 * @param more members of its body beside the type and the message.
 */
export function errorAnswer(status: number, type: string, message = 'scripted', more: object = {}): Answer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...more });
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(body) };
}

/** Sends an answer, unless the client has given up in the meantime. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}
