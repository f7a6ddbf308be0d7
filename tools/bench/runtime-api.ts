import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a function answered, and when that had arrived: a value of `performance.now()`. */
export interface FunctionResponse {
  readonly body: string;
  readonly receivedAt: number;
}

/**
 * The part of Lambda that hands events to one function, as AWS's runtime client knows it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  readonly #server = createServer();
  #next = Promise.withResolvers<ServerResponse>();
  #response = Promise.withResolvers<FunctionResponse>();
  #count = 0;

  private constructor() {
    this.#server.on('request', async (request, response) => {
      if (request.url?.endsWith('/invocation/next')) {
        this.#next.resolve(response);
        return;
      }
      const body = Buffer.concat(await request.toArray()).toString();
      const receivedAt = performance.now();
      response.writeHead(202).end();
      if (request.url?.endsWith('/response')) this.#response.resolve({ body, receivedAt });
      else this.fail(new Error(`The function failed: ${body}`));
    });
  }

  /** Starts to listen on a free port. */
  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  /** What the function gets as `AWS_LAMBDA_RUNTIME_API`. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until the function asks for an event. */
  async idle(): Promise<void> {
    await this.#next.promise;
  }

  /**
   * Hands an event to the function when it asks for one.
   *
   * @throws {Error} when the function reports an error.
   */
  async invoke(event: object): Promise<FunctionResponse> {
    const response = await this.#next.promise;
    this.#next = Promise.withResolvers();
    this.#response = Promise.withResolvers();
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': `bench-${++this.#count}`,
      'lambda-runtime-deadline-ms': String(Date.now() + 10_000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
    });
    response.end(JSON.stringify(event));
    return this.#response.promise;
  }

  /** Rejects what waits for the function. */
  fail(error: Error): void {
    for (const pending of [this.#next, this.#response]) {
      pending.promise.catch(() => {});
      pending.reject(error);
    }
  }

  /** Closes all connections and stops to listen. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
