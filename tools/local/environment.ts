import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFields } from '../../lambda/observability.ts';
import type { RuntimeEvent, RuntimeMessage } from './runtime.ts';

const RUNTIME = new URL('runtime.ts', import.meta.url);

/** What the runtime prints when the function has printed its last line for an event. No function prints it by chance. */
const END_OF_OUTPUT = `end of output ${randomUUID()}`;

/** Lambda gives a function 10 s to start; a machine with more to do may need longer. */
const INIT_TIMEOUT_MS = 60_000;

/** A function as its environments need it. */
export interface FunctionSettings {
  readonly name: string;
  /** Such as `index.handler`. */
  readonly handler: string;
  /** The folder with the code. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** All of the environment variables that it sees. */
  readonly variables: Readonly<Record<string, string>>;
  /** The port of a debugger on 127.0.0.1, if one is wanted. Only one environment can run at a time then. */
  readonly inspectPort?: number | undefined;
}

/** Where the lines go that a function writes. */
export interface FunctionOutput {
  /** Called with each line that is not the log line of a request: a `console.log`, an error of the runtime's. */
  onOutput?(line: string, stream: 'stdout' | 'stderr'): void;
  /** Called with every line of standard output, as it was written. */
  onStdoutLine?(line: string): void;
}

/** How one invocation went. */
export type Invocation =
  | {
      readonly ok: true;
      /** The function's answer, as JSON. */
      readonly payload: string;
      readonly logLine?: Partial<LogFields> | undefined;
    }
  | {
      readonly ok: false;
      readonly code: 'function_error' | 'function_timed_out' | 'function_exited' | 'function_did_not_load';
      /** A sentence. */
      readonly reason: string;
      readonly stack?: string | undefined;
      readonly logLine?: Partial<LogFields> | undefined;
    };

type Failure = Extract<Invocation, { ok: false }>;

/** The invocation that an environment is busy with. */
interface Running {
  /** The gateway's id of the request, if the event has one. */
  readonly requestId: unknown;
  /** To be called when all that the function printed has been read. */
  readonly outputEnded: () => void;
  logLine?: Partial<LogFields>;
}

/** The function cannot be started: its code does not load, or its process ended or hung while it did. */
export class FunctionInitError extends Error {
  override readonly name = 'FunctionInitError';
  readonly failure: Failure;

  constructor(reason: string, stack?: string) {
    super(reason);
    this.failure = { ok: false, code: 'function_did_not_load', reason, stack };
  }
}

/** One process that runs the function, for one event at a time, as a Lambda execution environment does. */
export class Environment {
  readonly #child: ChildProcess;
  readonly settings: FunctionSettings;
  /** Resolves when the process is gone and its output read, with how it went. */
  readonly ended: Promise<string>;
  #alive = true;
  #onMessage: (message: RuntimeMessage) => void = () => {};
  #running: Running | undefined;

  /** Starts a process. It must be loaded before it is used. */
  constructor(settings: FunctionSettings, output: FunctionOutput) {
    this.settings = settings;
    this.#child = fork(RUNTIME, [END_OF_OUTPUT], {
      cwd: settings.folder,
      env: { ...settings.variables },
      // Lambda leaves a tenth of the memory to what is not V8's heap.
      execArgv: [`--max-old-space-size=${Math.floor(settings.memoryMb * 0.9)}`, ...inspector(settings)],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.on('message', (message: RuntimeMessage) => this.#onMessage(message));
    this.ended = this.#watch();
    this.#read(output);
  }

  /** Whether it can take another event. */
  get alive(): boolean {
    return this.#alive;
  }

  /** The process id, if a process could be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Waits until the function is loaded.
   *
   * @throws {FunctionInitError} if that fails, or takes longer than a minute; the process is then gone.
   */
  async load(): Promise<void> {
    const start = await this.#within(INIT_TIMEOUT_MS, this.#nextMessage());
    if (typeof start === 'object' && start.ok) return;
    await this.kill();
    if (start === undefined) {
      throw new FunctionInitError(`The function was not loaded within ${INIT_TIMEOUT_MS / 1000} s.`);
    }
    if (typeof start === 'string') {
      throw new FunctionInitError(`The function's process ended while it loaded: ${start}.`);
    }
    throw new FunctionInitError(`The function does not load: ${start.error}`, start.stack);
  }

  /**
   * Runs the function once, within its timeout; never rejects. Not to be called while another call is running.
   *
   * @param event what the function is given: the gateway's, or anything that JSON can hold.
   * @returns how it went. Afterwards the environment is alive or not: a process that hung was ended.
   */
  async invoke(event: unknown): Promise<Invocation> {
    const output = Promise.withResolvers<void>();
    const running: Running = { requestId: requestIdOf(event), outputEnded: output.resolve };
    this.#running = running;
    const answer = this.#nextMessage();
    this.#child.send(this.#toRuntimeEvent(event), () => {});
    const outcome = await this.#within(
      this.settings.timeoutMs,
      output.promise.then(() => answer),
    );
    this.#running = undefined;
    return { ...this.#toInvocation(outcome), logLine: running.logLine };
  }

  /** Ends the process at once, whatever it does, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #nextMessage(): Promise<RuntimeMessage> {
    return new Promise((resolve) => {
      this.#onMessage = resolve;
    });
  }

  /** @returns the message, or how the process ended; undefined where it had to be ended, since its time was over. */
  async #within(
    timeoutMs: number,
    message: Promise<RuntimeMessage>,
  ): Promise<RuntimeMessage | string | undefined> {
    const limit = new AbortController();
    const timeout = sleep(timeoutMs, undefined, { signal: limit.signal });
    const outcome = await Promise.race([message, this.ended, timeout]);
    limit.abort();
    if (outcome === undefined) await this.kill();
    return outcome;
  }

  #toInvocation(outcome: RuntimeMessage | string | undefined): Invocation {
    if (outcome === undefined) {
      const reason = `The function did not answer within its timeout of ${this.settings.timeoutMs / 1000} s.`;
      return { ok: false, code: 'function_timed_out', reason };
    }
    if (typeof outcome === 'string') {
      return { ok: false, code: 'function_exited', reason: `The function's process ended: ${outcome}.` };
    }
    if (outcome.ok) return outcome;
    const { error, stack } = outcome;
    return { ok: false, code: 'function_error', reason: `The function threw ${error}`, stack };
  }

  #toRuntimeEvent(event: unknown): RuntimeEvent {
    const { name, memoryMb, timeoutMs, variables } = this.settings;
    return {
      event,
      deadline: Date.now() + timeoutMs,
      context: {
        functionName: name,
        functionVersion: variables.AWS_LAMBDA_FUNCTION_VERSION,
        invokedFunctionArn: `arn:aws:lambda:${variables.AWS_REGION}:000000000000:function:${name}`,
        memoryLimitInMB: String(memoryMb),
        awsRequestId: randomUUID(),
        logGroupName: variables.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: variables.AWS_LAMBDA_LOG_STREAM_NAME,
      },
    };
  }

  async #watch(): Promise<string> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    const how = await new Promise<string>((resolve) => {
      this.#child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
      );
      // It could not be started, or a message could not be sent; it then ends, or has.
      this.#child.on('error', (error) => resolve(error.message));
    });
    this.#alive = false;
    // A process that the function started may hold the pipes open.
    await Promise.race([closed, sleep(200, undefined, { ref: false })]);
    return how;
  }

  #read(output: FunctionOutput): void {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) return;
    createInterface({ input: stdout }).on('line', (line) => {
      if (line === END_OF_OUTPUT) {
        this.#running?.outputEnded();
      } else if (line !== '') {
        output.onStdoutLine?.(line);
        if (!this.#takeLogLine(line)) output.onOutput?.(line, 'stdout');
      }
    });
    createInterface({ input: stderr }).on('line', (line) => output.onOutput?.(line, 'stderr'));
  }

  /** Keeps the line if it is the log line of the running invocation. */
  #takeLogLine(line: string): boolean {
    const logLine = parseLogLine(line);
    const running = this.#running;
    if (logLine === undefined || running === undefined || running.logLine !== undefined) return false;
    if (running.requestId !== undefined && running.requestId !== logLine.request_id) return false;
    running.logLine = logLine;
    return true;
  }
}

/**
 * Reads the line that the function logs for a request.
 *
 * @param text a line of the function's standard output.
 * @returns its fields, or undefined if the line is something else.
 */
function parseLogLine(text: string): Partial<LogFields> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text);
    return typeof value.outcome === 'string' && typeof value.request_id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function inspector({ inspectPort }: FunctionSettings): string[] {
  return inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${inspectPort}`];
}

function requestIdOf(event: unknown): unknown {
  return (event as { requestContext?: { requestId?: unknown } } | null)?.requestContext?.requestId;
}
