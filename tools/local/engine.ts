import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserError } from '../cli.ts';
import { freePort } from './ports.ts';

const SUPERVISOR = new URL('engine-supervisor.ts', import.meta.url);

/** The first Java that DynamoDB Local runs on. */
const MIN_JAVA_VERSION = 17;

/** How long an engine may take until it answers. A first start with Docker pulls an image. */
const START_TIMEOUT_MS = { dynoxide: 60_000, java: 120_000, docker: 300_000 };

const INSTALL_JAVA =
  `install Java ${MIN_JAVA_VERSION} or later and put it on the PATH ` +
  '(Debian, Ubuntu: `apt-get install openjdk-17-jre-headless`; macOS: `brew install openjdk`; ' +
  'Windows: `winget install EclipseAdoptium.Temurin.21.JRE`), or start Docker';

/** The engines, in the order in which they are preferred. The names are the values of `DYNAMODB_ENGINE`. */
export const ENGINE_NAMES = ['dynoxide', 'java', 'docker'] as const;

/** `dynoxide`, the embedded one, or AWS's own DynamoDB Local, run by Java or by Docker. */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** An engine that this machine can run. */
export interface Engine {
  readonly name: EngineName;
  /** As a person reads it, such as `DynamoDB Local, by Java`. */
  readonly title: string;
  /** The program to run, where it is not found by its name on the PATH. */
  readonly command: string;
}

/** A running engine: its tables are in memory, and any credentials and region see them. */
export interface RunningEngine {
  readonly engine: Engine;
  /** Its URL, such as `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  /** Resolves, with a sentence, if it ends without having been told to; never rejects. */
  readonly died: Promise<string>;
  /** Ends it and waits until it is gone. May be called more than once. */
  close(): Promise<void>;
}

/** Each returns the engine if this machine can run it, or else a sentence on what it needs. */
const FINDERS: Record<EngineName, () => Promise<Engine | string>> = {
  dynoxide: findDynoxide,
  java: findJava,
  docker: findDocker,
};

/**
 * Finds an engine.
 *
 * @param names those to choose from, the preferred first.
 * @throws {UserError} if this machine can run none of them; the message says what to install and how.
 */
export async function findEngine(names: readonly EngineName[] = ENGINE_NAMES): Promise<Engine> {
  const needs: string[] = [];
  for (const name of names) {
    const found = await FINDERS[name]();
    if (typeof found !== 'string') return found;
    needs.push(found);
  }
  throw new UserError(
    names.length === 1 ? `${needs[0]}.` : `There is nothing to run a table with: ${install()}.`,
  );
}

/** The shortest way to an engine on this system. */
function install(): string {
  const { platform, arch } = process;
  if (platform === 'linux' && arch === 'x64') {
    return `\`npm ci\` brings the embedded one, unless --omit=optional is set; or ${INSTALL_JAVA}`;
  }
  const dynoxide =
    platform === 'win32' ? 'put `dynoxide` on the PATH' : '`brew install nubo-db/tap/dynoxide`';
  return `${dynoxide}; or ${INSTALL_JAVA}`;
}

/** The package for this system comes with `npm ci` on Linux x64; elsewhere a program on the PATH is taken. */
async function findDynoxide(): Promise<Engine | string> {
  const { platform, arch } = process;
  const file = platform === 'win32' ? 'dynoxide.exe' : 'dynoxide';
  for (const command of [packaged(`@dynoxide/${platform}-${arch}/${file}`), 'dynoxide']) {
    if (command !== undefined && (await succeeds(command, ['--version']))) {
      return { name: 'dynoxide', title: 'dynoxide', command };
    }
  }
  return `There is neither the package @dynoxide/${platform}-${arch} nor \`dynoxide\` on the PATH`;
}

function packaged(file: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(file);
  } catch {
    return undefined;
  }
}

async function findJava(): Promise<Engine | string> {
  const version = await javaVersion();
  if (version !== undefined && version >= MIN_JAVA_VERSION) {
    return { name: 'java', title: 'DynamoDB Local, by Java', command: 'java' };
  }
  return version === undefined
    ? `DynamoDB Local needs Java, and there is none on the PATH: ${INSTALL_JAVA}`
    : `DynamoDB Local needs Java ${MIN_JAVA_VERSION}, and the one on the PATH is ${version}: ${INSTALL_JAVA}`;
}

async function findDocker(): Promise<Engine | string> {
  return (await succeeds('docker', ['version']))
    ? { name: 'docker', title: 'DynamoDB Local, by Docker', command: 'docker' }
    : 'Docker does not run: start it';
}

/**
 * Starts an engine and waits until it answers.
 *
 * @param engine see {@link findEngine}.
 * @param port the port, free at this moment; by default any. DynamoDB Local listens on all interfaces and has no
 *   option to change that.
 * @throws {UserError} if it ends before it answers, with what it said, or does not answer in time.
 */
export async function startEngine(engine: Engine, port?: number): Promise<RunningEngine> {
  const { name, title, command } = engine;
  const own = port ?? (await freePort(0, 'DYNAMODB_PORT'));
  const child = fork(SUPERVISOR, [name, command, String(own)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    // A debugger that this process was started with would want its port in each process.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const lastWords = tail(child);
  const exited = once(child, 'exit');
  let closing = false;

  const close = async (): Promise<void> => {
    closing = true;
    // Its supervisor then kills it, and deletes what it left. Killing that one too would leave both.
    if (child.connected) child.disconnect();
    await exited;
  };

  const died = exited.then(async ([code]) => {
    // Ctrl-C ends the engine as well as this process: its own signal is then on the way, and comes first.
    await sleep(100);
    if (closing) return new Promise<string>(() => {});
    return `${title} ended by itself, with exit code ${code}${lastWords()}`;
  });

  const endpoint = `http://127.0.0.1:${own}`;
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS[name]);
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new UserError(await died);
    if (deadline.aborted) {
      await close();
      throw new UserError(`${title} did not answer within ${START_TIMEOUT_MS[name] / 1000} s${lastWords()}`);
    }
    await sleep(name === 'dynoxide' ? 5 : 25);
  }
  return { engine, endpoint, died, close };
}

/** @returns the major version of the Java on the PATH, or undefined if there is none that works. */
async function javaVersion(): Promise<number | undefined> {
  try {
    const { stderr } = await promisify(execFile)('java', ['-version']);
    const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) ?? [];
    // Java 8 and before called themselves 1.8.
    return first === undefined ? undefined : Number(first === '1' ? second : first);
  } catch {
    // Not there, or macOS's stand-in, which only says where to get one.
    return undefined;
  }
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  try {
    await promisify(execFile)(command, args, { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** @returns whether an HTTP server answers there, whatever it says: DynamoDB refuses a request without signature. */
function answers(endpoint: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = get(endpoint, { agent: false, timeout: 1_000 }, (response) => {
    response.resume();
    resolve(true);
  });
  request.on('timeout', () => request.destroy());
  request.on('error', () => resolve(false));
  return promise;
}

/** Reads standard error. @returns a function that gives the end of it, as the end of a sentence. */
function tail({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  return () => {
    // Java prints the options that it took from the environment.
    const said = text.replace(/^NOTE: Picked up .*$/gm, '').trim();
    return said === '' ? '.' : `. It last said:\n${said}`;
  };
}
