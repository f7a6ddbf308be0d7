import type { LocalStack, LocalStackOptions } from '../../tools/local/stack.ts';
import { type Fault, type ProxiedRequest, pass, type StoreRequest } from './faulty-dynamodb.ts';
import { startFaultyStack } from './faulty-stack.ts';
import { type HttpRequest, send } from './http.ts';
import { type ReadAnswer, readAnswer } from './responses.ts';

/** The local stack with a proxy between function and table, which counts writes and may make faults. */
export interface CountedStack {
  readonly stack: LocalStack;
  /** How often the table has written each connection, by id. */
  readonly writes: ReadonlyMap<string, number>;
  /** How many requests the table was sent. */
  readonly sent: number;
  /**
   * Sends a logout over HTTP.
   *
   * @throws {AssertionError} when the answer breaks the contract.
   */
  logOut(fields: object, request?: HttpRequest): Promise<HttpRun>;
  /** Waits until no request is on its way to the table. */
  settled(): Promise<void>;
  /** Ends the stack and the proxy. */
  close(): Promise<void>;
}

/** An answer as it came over HTTP. */
export interface HttpRun extends ReadAnswer {
  readonly body: string;
}

/**
 * Starts the service on free ports.
 *
 * @param chooseFault is called for each request to the table. Default: all pass.
 */
export async function startCountedStack(
  options: LocalStackOptions = {},
  chooseFault: (request: StoreRequest) => Fault = () => pass,
): Promise<CountedStack> {
  const writes = new Map<string, number>();
  let sent = 0;
  const { stack, proxy, close } = await startFaultyStack(options, (request) => {
    const { id } = request.input.Key as { id: { S: string } };
    const counted =
      ({ forward }: ProxiedRequest): ProxiedRequest['forward'] =>
      async (changes) => {
        const answer = await forward(changes);
        if (answer.status === 200) writes.set(id.S, (writes.get(id.S) ?? 0) + 1);
        return answer;
      };
    sent += 1;
    const fault = chooseFault(request);
    return (proxied) => fault({ ...proxied, forward: counted(proxied) });
  });
  return {
    stack,
    writes,
    get sent() {
      return sent;
    },
    async logOut(fields, request = {}) {
      const answer = await send(stack.url, {
        contentType: 'application/json',
        body: JSON.stringify(fields),
        ...request,
      });
      const names = ['content-type', 'retry-after', 'cache-control', 'x-content-type-options'];
      const own = names.flatMap((name) =>
        name in answer.headers ? [[name, String(answer.headers[name])]] : [],
      );
      const { status, body } = answer;
      const requestId = String(answer.headers['apigw-requestid']);
      return {
        ...readAnswer({ statusCode: status, headers: Object.fromEntries(own), body }, requestId),
        body,
      };
    },
    settled: proxy.settled,
    close,
  };
}
