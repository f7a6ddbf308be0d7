import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserError } from '../cli.ts';
import { findFreePort } from './ports.ts';

const SUPERVISOR = new URL('engine-supervisor.ts', import.meta.url);

/** How long an engine may take until it responds. A first start with Docker pulls an image. */
const START_TIMEOUT_MS = 300_000;

/** The engines, in the order in which they are preferred. The names are the values of `DYNAMODB_ENGINE`. */
export const ENGINE_NAMES = ['dynoxide', 'java', 'docker'] as const;

/** `dynoxide`, the embedded one, or AWS's own DynamoDB Local, run by Java or by Docker. */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** An engine that this machine can run. */
export interface Engine {
  readonly name: EngineName;
  /** As a person reads it, such as `DynamoDB Local, by Java`. */
  readonly title: string;
  /** The program to run. */
  readonly command: string;
}

/** A running engine: its tables are in memory, and any credentials and region see them. */
export interface RunningEngine {
  readonly engine: Engine;
  /** Its URL, such as `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  /** Resolves, with a sentence, if it ends by itself; never rejects. */
  readonly died: Promise<string>;
  /** Ends it and waits until it is gone. May be called more than once. */
  close(): Promise<void>;
}

/** How each is found, and what this machine needs for it. Each finder returns the program to run, if it is there. */
const ENGINES: Record<EngineName, { title: string; needs: string; find(): Promise<string | undefined> }> = {
  dynoxide: {
    title: 'dynoxide',
    needs: '`dynoxide` on the PATH (on Linux x64 `npm ci` brings it, if optional packages are installed)',
    find: async () =>
      (await findWorking(resolvePackaged(), ['--version'])) ?? (await findWorking('dynoxide', ['--version'])),
  },
  java: {
    title: 'DynamoDB Local, by Java',
    needs: 'Java 17 or later on the PATH (Debian, Ubuntu: `apt-get install default-jre-headless`)',
    find: findJava,
  },
  docker: {
    title: 'DynamoDB Local, by Docker',
    needs: 'a running Docker',
    find: () => findWorking('docker', ['version']),
  },
};

/**
 * Finds an engine.
 *
 * @param names those to choose from, the preferred first.
 * @throws {UserError} if this machine can run none of them; the message says what to install and how.
 */
export async function findEngine(names: readonly EngineName[] = ENGINE_NAMES): Promise<Engine> {
  for (const name of names) {
    const { title, find } = ENGINES[name];
    const command = await find();
    if (command !== undefined) return { name, title, command };
  }
  const needs = names.map((name) => ENGINES[name].needs).join(', or ');
  throw new UserError(`There is nothing to run a table with. Needed is ${needs}.`);
}

/** The binary of the package for this system, which is there on Linux x64. */
function resolvePackaged(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/dynoxide`);
  } catch {
    return undefined;
  }
}

async function findWorking(command: string | undefined, args: string[]): Promise<string | undefined> {
  if (command === undefined) return undefined;
  return promisify(execFile)(command, args, { timeout: 10_000 }).then(
    () => command,
    () => undefined,
  );
}

/** macOS has a stand-in of this name that only says where to get one: so it must say a version. */
async function findJava(): Promise<string | undefined> {
  const { stderr } = await promisify(execFile)('java', ['-version']).catch(() => ({ stderr: '' }));
  const [, major] = /version "(\d+)/.exec(stderr) ?? [];
  return Number(major) >= 17 ? 'java' : undefined;
}

/**
 * Starts an engine and waits until it responds.
 *
 * @param engine see {@link findEngine}.
 * @param port the port, free at this moment; by default any. DynamoDB Local listens on all interfaces and has no
 *   option to change that.
 * @throws {UserError} if it ends before it responds, with what it said, or does not respond in time.
 */
export async function startEngine(engine: Engine, port?: number): Promise<RunningEngine> {
  const { name, title, command } = engine;
  const own = port ?? (await findFreePort(0, 'DYNAMODB_PORT'));
  const child = fork(SUPERVISOR, [name, command, String(own)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    // A debugger that this process was started with would want its port in each process.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const readLastWords = keepLastWords(child);
  const exited = once(child, 'exit');
  let isClosing = false;

  const close = async (): Promise<void> => {
    isClosing = true;
    // Its supervisor then kills it, and deletes what it left. Killing that one too would leave both.
    if (child.connected) child.disconnect();
    await exited;
  };

  const died = exited.then(([code]) => {
    if (isClosing) return new Promise<string>(() => {});
    return `${title} ended by itself, with exit code ${code}${readLastWords()}`;
  });

  const endpoint = `http://127.0.0.1:${own}`;
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!(await responds(endpoint))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new UserError(await died);
    if (deadline.aborted) {
      await close();
      throw new UserError(`${title} did not start in ${START_TIMEOUT_MS / 1000} s${readLastWords()}`);
    }
    await sleep(10);
  }
  return { engine, endpoint, died, close };
}

/** @returns whether an HTTP server responds there, whatever it says: DynamoDB refuses a request without signature. */
function responds(endpoint: string): Promise<boolean> {
  return fetch(endpoint, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  );
}

/** Reads standard error. @returns a function that gives the end of it, as the end of a sentence. */
function keepLastWords({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  // Java prints the options that it took from the environment.
  const withoutNotes = () => text.replace(/^NOTE: Picked up .*$/gm, '').trim();
  return () => (withoutNotes() === '' ? '.' : `. It last said:\n${withoutNotes()}`);
}
