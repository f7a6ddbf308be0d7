import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentPool } from '../../tools/local/environment-pool.ts';
import { functionVariables } from '../../tools/local/function-variables.ts';
import { startGateway } from '../../tools/local/gateway.ts';
import type { ServedRequest } from '../../tools/local/http-exchange.ts';
import type { LocalTemplate } from '../../tools/local/template.ts';

/** A function of a test's own behind the local gateway, without a table. */
export interface Toy {
  /** The URL of its one route, `PUT /toy`. */
  readonly url: string;
  readonly port: number;
  /** What the gateway reported of each request, in order. */
  readonly responses: ServedRequest[];
  /** What the function printed beside its log lines, in order. */
  readonly output: string[];
  /** The folder with the code. */
  readonly folder: string;
  /** The process ids of its environments. */
  pids(): number[];
  /** Sends a body and reads the answer. */
  put(
    body?: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: string; headers: Headers }>;
  /** Replaces its code, as a reload of `npm start` does. */
  reload(code: string): Promise<void>;
  /** Ends it and deletes its code. */
  close(): Promise<void>;
}

/** What may differ from a function that has three seconds and 128 MB. */
export interface ToyOptions {
  readonly timeoutMs?: number;
  readonly integrationTimeoutMs?: number;
  /** The file's name; by default `index.mjs`. */
  readonly file?: string;
}

/**
 * Starts a gateway and the environments of a function.
 *
 * @param code the module; it exports `handler`.
 */
export async function startToy(code: string, options: ToyOptions = {}): Promise<Toy> {
  const folder = await mkdtemp(join(tmpdir(), 'toy-function-'));
  const file = join(folder, options.file ?? 'index.mjs');
  await writeFile(file, code);
  const template: LocalTemplate = {
    route: { method: 'PUT', path: '/toy', integrationTimeoutMs: options.integrationTimeoutMs ?? 30_000 },
    function: {
      handler: 'index.handler',
      folder,
      timeoutMs: options.timeoutMs ?? 3_000,
      memoryMb: 128,
      variables: { STAGE: 'toy' },
    },
    table: { KeySchema: [], AttributeDefinitions: [] },
  };
  const responses: ServedRequest[] = [];
  const output: string[] = [];
  const environments = new EnvironmentPool(
    { name: 'toy', ...template.function, variables: functionVariables(template, 'http://127.0.0.1:1') },
    { onOutput: (line) => output.push(line) },
  );
  const gateway = await startGateway({
    route: template.route,
    port: 0,
    invoke: (event, signal) => environments.invoke(event, signal),
    onResponse: (request) => responses.push(request),
  });
  return {
    url: gateway.url,
    port: Number(new URL(gateway.url).port),
    responses,
    output,
    folder,
    pids: () => environments.pids,
    async put(body, headers = { 'content-type': 'application/json' }) {
      const answer = await fetch(gateway.url, { method: 'PUT', headers, body: body ?? null });
      return { status: answer.status, body: await answer.text(), headers: answer.headers };
    },
    async reload(newCode) {
      await writeFile(file, newCode);
      await environments.load();
    },
    async close() {
      await Promise.all([gateway.close(), environments.close()]);
      await rm(folder, { recursive: true });
    },
  };
}
