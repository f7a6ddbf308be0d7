/**
 * What runs inside a function environment: loads the handler as Lambda's Node.js runtime does, then takes one
 * event at a time over the channel to `environment.ts`, which forked it.
 *
 * Left out on purpose: the freezing between invocations, and handlers with a callback, which the runtime
 * `nodejs24.x` no longer takes either.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem, RuntimeAnswer, RuntimeStart, ToRuntime } from './runtime-messages.ts';
import { END_OF_OUTPUT } from './runtime-messages.ts';

type Handler = (event: unknown, context: object) => unknown;

// Taken before the handler is loaded, which may replace them.
const write = process.stdout.write.bind(process.stdout);
const send = (message: RuntimeStart | RuntimeAnswer): void => {
  process.send?.(message);
};

// Exit with the parent.
process.on('disconnect', () => process.exit());

const handler = await load().catch((error: unknown) => {
  send({ type: 'init_error', problem: describe(error) });
});

if (handler === undefined) {
  process.disconnect();
} else {
  process.on('message', (message: ToRuntime) => void invoke(handler, message));
  send({ type: 'ready' });
}

/** Finds `index.handler` in `index.js`, `index.mjs` or `index.cjs` of the code folder, in Lambda's order. */
async function load(): Promise<Handler> {
  const { _HANDLER: name = '', LAMBDA_TASK_ROOT: folder = '' } = process.env;
  const dot = name.lastIndexOf('.');
  const [file, exportName] = [name.slice(0, dot), name.slice(dot + 1)];
  const path = ['.js', '.mjs', '.cjs'].map((end) => join(folder, file + end)).find(existsSync);
  if (path === undefined) throw new Error(`There is no ${file}.js, ${file}.mjs or ${file}.cjs in ${folder}.`);
  const module = await import(pathToFileURL(path).href);
  const found = module[exportName] ?? module.default?.[exportName];
  if (typeof found !== 'function') throw new Error(`${path} exports no function named ${exportName}.`);
  return found;
}

async function invoke(handler: Handler, { event, context, deadline }: ToRuntime): Promise<void> {
  let message: RuntimeAnswer;
  try {
    const result = await handler(event, {
      ...context,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    });
    message = { type: 'result', payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    message = { type: 'error', problem: describe(error) };
  }
  write(`\n${END_OF_OUTPUT}\n`, () => send(message));
}

function describe(error: unknown): Problem {
  if (error instanceof Error) {
    return { name: error.name, message: error.message, stack: error.stack ?? String(error) };
  }
  return { name: 'Error', message: String(error), stack: String(error) };
}
