import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type HttpResponse, send } from './http.ts';

/** A proxy in front of a DynamoDB engine that does to each request what the script of its item says next. */
export interface FaultyDynamoDb {
  /** Where it listens: what a client takes for DynamoDB. */
  readonly endpoint: string;
  /** The requests that came, in their order. */
  readonly requests: readonly StoreRequest[];
  /** How often the table has written each item, by id. */
  readonly writes: ReadonlyMap<string, number>;
  /** Sets what happens to each request that no script is left for. Until then they pass. */
  choose(next: (request: StoreRequest) => Fault): void;
  /** Sets what happens to the next requests for an item, one fault each. */
  script(id: string, ...faults: Fault[]): void;
  /** Waits until no request for the item is on its way to the table any more, however late. Default: for any item. */
  settled(id?: string): Promise<void>;
  /** Ends it, with every connection that is still open. */
  close(): Promise<void>;
}

/** A request of the function's: the operation's name and what it was given. */
export interface StoreRequest {
  readonly operation: string;
  readonly input: Record<string, unknown> & { readonly Key?: { readonly id?: { readonly S?: string } } };
}

/** What happens to one request. */
export type Fault = (request: ProxiedRequest) => Promise<void> | void;

/** One request on its way through the proxy. */
interface ProxiedRequest {
  readonly request: StoreRequest;
  readonly response: ServerResponse;
  /**
   * Sends the request on, and waits for the table's response.
   *
   * @param changes what to put in the place of what the request gives.
   */
  forward(changes?: Record<string, unknown>): Promise<HttpResponse>;
}

/** The table responds, as if there were no proxy. */
export const pass: Fault = async ({ response, forward }) => relayResponse(response, await forward());

/**
 * Starts a proxy.
 *
 * @param upstream the URL of the engine.
 */
export async function faultyDynamoDb(upstream: string): Promise<FaultyDynamoDb> {
  const scripts = new Map<string | undefined, Fault[]>();
  const requests: StoreRequest[] = [];
  const writes = new Map<string, number>();
  const running = new Map<Promise<void>, string | undefined>();
  let choose: (request: StoreRequest) => Fault = () => pass;
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const operation = String(incoming.headers['x-amz-target']).replace(/^.*\./, '');
    const request: StoreRequest = { operation, input: JSON.parse(body) };
    const id = request.input.Key?.id?.S;
    requests.push(request);
    const forward: ProxiedRequest['forward'] = async (changes) => {
      const sent = changes ? JSON.stringify({ ...request.input, ...changes }) : body;
      const { host, ...headers } = incoming.headers as Record<string, string>;
      headers['content-length'] = String(Buffer.byteLength(sent));
      const original = await send(upstream, { method: 'POST', headers, body: sent });
      if (original.status === 200 && id !== undefined) writes.set(id, (writes.get(id) ?? 0) + 1);
      return original;
    };
    const fault = scripts.get(id)?.shift() ?? choose(request);
    const run = Promise.resolve(fault({ request, response, forward }));
    running.set(run, id);
    await run.finally(() => running.delete(run));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    writes,
    choose(next) {
      choose = next;
    },
    script: (id, ...faults) => scripts.set(id, faults),
    async settled(id) {
      const find = () => [...running.keys()].filter((run) => id === undefined || running.get(run) === id);
      for (let runs = find(); runs.length > 0; runs = find()) await Promise.all(runs);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * Makes a response that refuses a request, as DynamoDB writes it.
 *
 * @param type the error's name.
 * @param more members of its body beside the type and the message.
 */
export function createTableError(
  status: number,
  type: string,
  message = 'scripted',
  more: object = {},
): HttpResponse {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...more });
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
}

/** Sends a response, unless the client has given up in the meantime. */
export function relayResponse(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
