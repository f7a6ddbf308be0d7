import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEnvironment } from '../../tools/local/environment.ts';
import { LocalFunction } from '../../tools/local/function.ts';
import { startGateway } from '../../tools/local/gateway.ts';
import type { LocalTemplate } from '../../tools/local/template.ts';

/** A function of a test's own behind the local gateway, without a table. */
export interface Toy {
  /** The URL of its one route, `PUT /toy`. */
  readonly url: string;
  /** Why the gateway responded in place of the function, in order: the reasons. */
  readonly reasons: string[];
  /** What the function printed, in order. */
  readonly output: string[];
  /** The folder with the code. */
  readonly folder: string;
  /** Sends a body and reads the response. */
  put(body?: string): Promise<{ status: number; body: string; headers: Headers }>;
  /** Replaces its code, as a reload of `npm start` does. */
  reload(code: string): Promise<void>;
  /** Ends it and deletes its code. */
  close(): Promise<void>;
}

/**
 * Starts a gateway and a function that has 128 MB.
 *
 * @param code the module; it exports `handler`.
 */
export async function startToy(code: string, timeoutMs = 3_000): Promise<Toy> {
  const folder = await mkdtemp(join(tmpdir(), 'toy-function-'));
  const file = join(folder, 'index.mjs');
  await writeFile(file, code);
  const template: LocalTemplate = {
    route: { method: 'PUT', path: '/toy' },
    function: { handler: 'index.handler', folder, timeoutMs, memoryMb: 128, variables: { STAGE: 'toy' } },
    table: { KeySchema: [], AttributeDefinitions: [] },
  };
  const reasons: string[] = [];
  const output: string[] = [];
  const toy = new LocalFunction(
    { ...template.function, variables: createEnvironment(template, 'http://127.0.0.1:1') },
    (line) => output.push(line),
  );
  const gateway = await startGateway({
    route: template.route,
    port: 0,
    invoke: (event) => toy.invoke(event),
    onOwnResponse: (_status, _requestId, reason) => reasons.push(reason),
  });
  return {
    url: gateway.url,
    reasons,
    output,
    folder,
    async put(body) {
      const response = await fetch(gateway.url, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: body ?? null,
      });
      return { status: response.status, body: await response.text(), headers: response.headers };
    },
    async reload(newCode) {
      await writeFile(file, newCode);
      await toy.load();
    },
    async close() {
      await Promise.all([gateway.close(), toy.close()]);
      await rm(folder, { recursive: true });
    },
  };
}
