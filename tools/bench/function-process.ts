import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';

/** Background threads that compile or collect take CPU time for a moment after a response. */
const SETTLE_MS = 10;

/**
 * A function in a process of its own, under AWS's runtime client, and the part of Lambda that hands events to it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class FunctionProcess {
  /** When it was started: a value of `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #server;
  #next = Promise.withResolvers<ServerResponse>();
  #response = Promise.withResolvers<{ body: string; receivedAt: number }>();

  private constructor({ name, folder, variables }: Contender, runtimeClient: string, server: Server) {
    this.#name = name;
    this.#server = server.on('request', async (request, response) => {
      if (request.url?.endsWith('/invocation/next')) return this.#next.resolve(response);
      const body = await text(request);
      const receivedAt = performance.now();
      response.writeHead(202).end();
      if (request.url?.endsWith('/response')) this.#response.resolve({ body, receivedAt });
      else this.#fail(body);
    });
    this.#child = spawn(process.execPath, [runtimeClient], {
      cwd: folder,
      env: {
        ...variables,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        LAMBDA_TASK_ROOT: folder,
        _HANDLER: 'index.handler',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#child.once('exit', (code, signal) => this.#fail(`it ended with ${code ?? signal}`));
  }

  /**
   * Starts a process. It is not ready when this returns: see {@link idle}.
   *
   * @param runtimeClient the path of AWS's runtime client.
   */
  static async start(contender: Contender, runtimeClient: string): Promise<FunctionProcess> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FunctionProcess(contender, runtimeClient, server);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Waits until it asks for an event, first when its init is over. */
  async idle(): Promise<void> {
    await this.#next.promise;
  }

  /**
   * Hands it an event when it asks for one.
   *
   * @returns when the response had arrived: a value of `performance.now()`.
   * @throws {Error} when it fails, or responds with another status than 200: only success is measured.
   */
  async invoke(event: object): Promise<number> {
    const asked = await this.#next.promise;
    this.#next = Promise.withResolvers();
    this.#response = Promise.withResolvers();
    asked.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': 'bench',
      'lambda-runtime-deadline-ms': String(Date.now() + 10_000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
    });
    asked.end(JSON.stringify(event));
    const { body, receivedAt } = await this.#response.promise;
    if (JSON.parse(body).statusCode !== 200) throw new Error(`${this.#name} responded ${body}`);
    return receivedAt;
  }

  /** Reads the CPU time that all of its threads have taken since its start, when it is idle. */
  async readCpuTimeMs(): Promise<number> {
    await this.idle();
    await sleep(SETTLE_MS);
    const nanoseconds = readdirSync(`/proc/${this.pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${this.pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]),
    );
    return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
  }

  async kill(): Promise<void> {
    this.#child.removeAllListeners('exit');
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #fail(reason: string): void {
    for (const { promise, reject } of [this.#next, this.#response]) {
      promise.catch(() => {});
      reject(new Error(`${this.#name}: ${reason}`));
    }
  }
}

type Server = ReturnType<typeof createServer>;
