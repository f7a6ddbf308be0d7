import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UserError } from '../cli.ts';
import { withoutInspector } from './node-options.ts';

const SUPERVISOR = new URL('dynamodb-local-supervisor.ts', import.meta.url);

/** The first Java that DynamoDB Local runs on. */
const OLDEST_JAVA = 17;

/** A first start with Docker pulls an image; Java is up in two seconds. */
const READY_WITHIN_MS = { java: 30_000, docker: 300_000 };

/** What the database may take to end; then it is cut off. */
const STOP_WITHIN_MS = 1_000;

const INSTALL_JAVA =
  `install Java ${OLDEST_JAVA} or later and put it on the PATH ` +
  '(Debian, Ubuntu: `apt-get install openjdk-17-jre-headless`; macOS: `brew install openjdk`; ' +
  'Windows: `winget install EclipseAdoptium.Temurin.21.JRE`), or start Docker';

/** A running DynamoDB Local: a shared database, in memory, so any credentials and region see the same tables. */
export interface DynamoDbLocal {
  /** Its URL, such as `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  /** Resolves, with a sentence, if it ends without having been told to; never rejects. */
  readonly died: Promise<string>;
  /** Ends it and waits until it is gone, a second at most. May be called more than once. */
  close(): Promise<void>;
}

/** What runs DynamoDB Local on this machine. */
export type DatabaseCommand = 'java' | 'docker';

/**
 * Finds what can run DynamoDB Local here: Java, or Docker where there is no Java that will do.
 *
 * @returns the command.
 * @throws {UserError} if there is neither; the message says what to install and how.
 */
export async function findDatabaseCommand(): Promise<DatabaseCommand> {
  const version = await javaVersion();
  if (version !== undefined && version >= OLDEST_JAVA) return 'java';
  if (await succeeds('docker', ['version'])) return 'docker';
  const found =
    version === undefined
      ? 'DynamoDB Local needs Java, and there is none on the PATH'
      : `DynamoDB Local needs Java ${OLDEST_JAVA}, and the one on the PATH is ${version}`;
  throw new UserError(`${found}: ${INSTALL_JAVA}.`);
}

/**
 * Starts AWS's DynamoDB Local and waits until it answers.
 *
 * @param command what runs it: see {@link findDatabaseCommand}.
 * @param port the port, free at this moment. It listens on all interfaces and cannot be told otherwise.
 * @throws {UserError} if it ends before it answers, with what it said, or does not answer in time.
 */
export async function startDynamoDbLocal(command: DatabaseCommand, port: number): Promise<DynamoDbLocal> {
  const child = fork(SUPERVISOR, [command, String(port)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: environment(),
  });
  const lastWords = tail(child);
  const exited = once(child, 'exit');
  let closing = false;

  const close = async (): Promise<void> => {
    closing = true;
    if (child.connected) child.disconnect();
    const cutOff = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await exited;
    clearTimeout(cutOff);
  };

  const died = exited.then(async ([code]) => {
    // Ctrl-C ends the database as well as this process: its own signal is then on the way, and comes first.
    await sleep(100);
    if (closing) return new Promise<string>(() => {});
    return `DynamoDB Local ended by itself, with exit code ${code}${lastWords()}`;
  });

  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = AbortSignal.timeout(READY_WITHIN_MS[command]);
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new UserError(await died);
    if (deadline.aborted) {
      await close();
      throw new UserError(
        `DynamoDB Local did not answer within ${READY_WITHIN_MS[command] / 1000} s${lastWords()}`,
      );
    }
    await sleep(25);
  }
  return { endpoint, died, close };
}

/**
 * The caller's environment, with Java set to start fast rather than to run fast for hours (1.4 s, not 2.2 s), with
 * DynamoDB Local told not to report its use to AWS, and without a debugger for the keeper, which nobody wants to look
 * into, and which would take the port from a process that somebody does.
 */
function environment(): NodeJS.ProcessEnv {
  const { JDK_JAVA_OPTIONS, NODE_OPTIONS, ...others } = process.env;
  const flags = [JDK_JAVA_OPTIONS, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  return {
    ...others,
    JDK_JAVA_OPTIONS: flags.filter(Boolean).join(' '),
    NODE_OPTIONS: withoutInspector(NODE_OPTIONS),
    DDB_LOCAL_TELEMETRY: '0',
  };
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
    await promisify(execFile)(command, args, { timeout: 5_000 });
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
    // Java's own remark about the options above is no news.
    const said = text.replace(/^NOTE: Picked up .*$/gm, '').trim();
    return said === '' ? '.' : `. It last said:\n${said}`;
  };
}
