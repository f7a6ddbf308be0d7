/**
 * What runs inside a function environment: loads the handler as Lambda's Node.js runtime does, then takes one
 * event at a time over the channel to `environment.ts`, which forked it.
 *
 * Left out on purpose: the freezing between invocations, and handlers with a callback, which the runtime
 * `nodejs24.x` no longer takes either.
 *
 * Argument: the line to print after the function's last line for an event. The answer takes another way than the
 * output: only this line shows that all of the output has been read.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One event for the function. */
export interface RuntimeEvent {
  readonly event: unknown;
  /** Lambda's context object, without its methods. */
  readonly context: object;
  /** When the function's time is up, in milliseconds since 1970. */
  readonly deadline: number;
}

/** What a function environment says: first how it went to load the function, then how each event did. */
export type RuntimeMessage =
  | {
      readonly ok: true;
      /** The function's answer, as JSON; empty when it is loaded. */
      readonly payload: string;
    }
  | {
      readonly ok: false;
      /** What was thrown, such as `TypeError: no luck`. */
      readonly error: string;
      readonly stack: string;
    };

type Handler = (event: unknown, context: object) => unknown;

// Taken before the handler is loaded, which may replace them.
const write = process.stdout.write.bind(process.stdout);
const [, , endOfOutput = ''] = process.argv;
const send = (message: RuntimeMessage): void => {
  process.send?.(message);
};

// Exit with the parent.
process.on('disconnect', () => process.exit());

const handler = await load().catch((error: unknown) => send(toMessage(error)));

if (handler === undefined) {
  process.disconnect();
} else {
  process.on('message', (event: RuntimeEvent) => void invoke(handler, event));
  send({ ok: true, payload: '' });
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

async function invoke(handler: Handler, { event, context, deadline }: RuntimeEvent): Promise<void> {
  let message: RuntimeMessage;
  try {
    const result = await handler(event, {
      ...context,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    });
    message = { ok: true, payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    message = toMessage(error);
  }
  write(`\n${endOfOutput}\n`, () => send(message));
}

function toMessage(error: unknown): RuntimeMessage {
  const text = String(error);
  return { ok: false, error: text, stack: (error instanceof Error && error.stack) || text };
}
