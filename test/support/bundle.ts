import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';
import { functionVariables } from '../../tools/local/function-variables.ts';
import type { FunctionResponse } from './responses.ts';

/**
 * The built bundle, loaded into this process: for what is asked thousands of times, or whose CPU time is measured.
 * It is an environment like one with a process of its own: loaded anew, with its own client and its own cold start.
 */
export interface LoadedBundle {
  /**
   * Runs the function once. Lambda's own id of the request is `lambda`.
   *
   * @param remainingMs what is left of the function's time. Default: all of it.
   */
  invoke(event: unknown, remainingMs?: number): Promise<FunctionResponse>;
}

const { importAsItIs } = createRequire(import.meta.url)('./import-as-it-is.cjs');
let lines: string[] = [];
let isCapturing = false;

/** Loads wait for each other, since what differs between them is in the environment variables. */
let loading: Promise<unknown> = Promise.resolve();

/**
 * Loads the bundle.
 *
 * @param endpoint where it finds DynamoDB.
 */
export function loadBundle(endpoint: string, tableName: string): Promise<LoadedBundle> {
  const loaded = loading.then(() => load(endpoint, tableName));
  loading = loaded;
  return loaded;
}

async function load(endpoint: string, tableName: string): Promise<LoadedBundle> {
  capture();
  const template = inject('template');
  const { folder, handler: name, timeoutMs } = template.function;
  // Under a path of its own, since a module is loaded once for each path.
  const copy = mkdtempSync(join(tmpdir(), 'bundle-'));
  cpSync(folder, copy, { recursive: true });
  const [file = ''] = globSync('index.*js', { cwd: copy });
  const before = { ...process.env };
  Object.assign(process.env, functionVariables(template, endpoint), { TABLE_NAME: tableName });
  const url = pathToFileURL(join(copy, file)).href;
  const module = await importAsItIs(url).finally(() => {
    for (const variable of Object.keys(process.env)) if (!(variable in before)) delete process.env[variable];
    Object.assign(process.env, before);
    rmSync(copy, { recursive: true });
  });
  const handler = module[name.replace('index.', '')];
  return {
    invoke(event, remainingMs = timeoutMs) {
      // As Lambda does: each request gets an event of its own.
      const fresh = JSON.parse(JSON.stringify(event));
      return handler(fresh, { awsRequestId: 'lambda', getRemainingTimeInMillis: () => remainingMs });
    },
  };
}

/**
 * Removes and returns the lines that bundles have written so far.
 *
 * @param requestId only the lines of this request.
 */
export function takeLines(requestId?: string): string[] {
  const isWanted = (line: string) => requestId === undefined || line.includes(`"request_id":"${requestId}"`);
  const taken = lines.filter(isWanted);
  lines = lines.filter((line) => !isWanted(line));
  return taken;
}

/** Takes the log lines of bundles out of standard output. All else passes. */
function capture(): void {
  if (isCapturing) return;
  isCapturing = true;
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array, ...rest: never[]) => {
    if (typeof text !== 'string' || !text.startsWith('{"timestamp"')) return write(text, ...rest);
    lines.push(text);
    return true;
  };
}
