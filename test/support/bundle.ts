import { createRequire } from 'node:module';
import { join } from 'node:path';
import { functionVariables } from '../../infra/local/function-variables.ts';
import { synthesize } from '../../infra/local/synthesize.ts';
import type { FunctionAnswer } from './answers.ts';

/**
 * The built bundle, loaded into this process: for what is asked thousands of times, or whose CPU time is measured.
 * It is an environment like one with a process of its own: loaded anew, with its own client and its own cold start.
 */
export interface LoadedBundle {
  /** Runs the function once. */
  invoke(event: unknown): Promise<FunctionAnswer>;
}

const require = createRequire(import.meta.url);
let lines: string[] = [];
let isCapturing = false;

/**
 * Loads the bundle.
 *
 * @param endpoint where it finds DynamoDB.
 */
export function loadBundle(endpoint: string, tableName: string): LoadedBundle {
  capture();
  const template = synthesize();
  const file = join(template.function.folder, 'index.cjs');
  const before = { ...process.env };
  Object.assign(process.env, functionVariables(template, endpoint), { TABLE_NAME: tableName });
  delete require.cache[file];
  const { handler } = require(file);
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  let requests = 0;
  return {
    invoke(event) {
      requests += 1;
      const awsRequestId = `lambda-${requests}`;
      return handler(event, { awsRequestId, getRemainingTimeInMillis: () => template.function.timeoutMs });
    },
  };
}

/**
 * Takes the lines that bundles have written, and that nobody has taken yet.
 *
 * @param requestId takes those of one request, where several are under way.
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
