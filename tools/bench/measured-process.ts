import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';

/** Background threads that compile or collect take CPU time for a moment after a response. */
const SETTLE_MS = 10;

/** What Lambda says of each event. */
const EVENT_HEADERS = {
  'content-type': 'application/json',
  'lambda-runtime-aws-request-id': 'bench',
  'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
};

/** A function that is measured, in a process of its own. */
export type MeasuredProcess = Awaited<ReturnType<typeof startMeasuredProcess>>;

/**
 * Starts a function under AWS's runtime client, with the part of Lambda that hands events to it. It is not ready when
 * this returns: see `waitUntilIdle`.
 *
 * @param runtimeClient the path of AWS's runtime client.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startMeasuredProcess({ name, folder, variables }: Contender, runtimeClient: string) {
  let asked = Promise.withResolvers<ServerResponse>();
  let responded = Promise.withResolvers<{ body: string; receivedAt: number }>();
  const fail = (reason: string) => {
    for (const { promise, reject } of [asked, responded]) {
      promise.catch(() => {});
      reject(new Error(`${name}: ${reason}`));
    }
  };
  const server = createServer(async (request, response) => {
    if (request.url?.endsWith('/invocation/next')) return asked.resolve(response);
    const body = await text(request);
    const receivedAt = performance.now();
    response.writeHead(202).end();
    if (request.url?.endsWith('/response')) responded.resolve({ body, receivedAt });
    else fail(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const startedAt = performance.now();
  const child = spawn(process.execPath, [runtimeClient], {
    cwd: folder,
    env: {
      ...variables,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.handler',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  }).once('exit', (code, signal) => fail(`it ended with ${code ?? signal}`));
  const pid = child.pid as number;

  return {
    pid,
    /** When it was started: a value of `performance.now()`. */
    startedAt,

    /** Waits until it asks for an event, first when its init is over. */
    async waitUntilIdle(): Promise<void> {
      await asked.promise;
    },

    /**
     * Hands it an event when it asks for one.
     *
     * @returns when the response had arrived: a value of `performance.now()`.
     * @throws {Error} when it fails, or responds with another status than 200: only success is measured.
     */
    async invoke(event: object): Promise<number> {
      const next = await asked.promise;
      asked = Promise.withResolvers();
      responded = Promise.withResolvers();
      next.writeHead(200, { ...EVENT_HEADERS, 'lambda-runtime-deadline-ms': String(Date.now() + 10_000) });
      next.end(JSON.stringify(event));
      const { body, receivedAt } = await responded.promise;
      if (JSON.parse(body).statusCode !== 200) throw new Error(`${name} responded ${body}`);
      return receivedAt;
    },

    /** Reads the CPU time that all of its threads have taken since its start, when it is idle. */
    async readCpuTimeMs(): Promise<number> {
      await asked.promise;
      await sleep(SETTLE_MS);
      const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
        Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]),
      );
      return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
    },

    async kill(): Promise<void> {
      child.removeAllListeners('exit').kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      server.closeAllConnections();
      server.close();
    },
  };
}
