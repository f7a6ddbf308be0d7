import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RuntimeEvent, RuntimeResult } from './runtime.ts';
import type { LocalTemplate } from './template.ts';

const RUNTIME = new URL('runtime.ts', import.meta.url);

/** Called with each line that the function writes. */
export type OnLine = (line: string, stream: 'stdout' | 'stderr') => void;

/** Thrown when the function does not load, throws or takes too long, or when its process ends. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/** The function in a process of its own, which takes requests at once. When it ends, the next request starts another. */
export class LocalFunction {
  readonly #options: LocalTemplate['function'];
  readonly #onLine: OnLine;
  readonly #isInspected: boolean;
  #process: Promise<FunctionProcess> | undefined;

  /**
   * @param options the function as the template has it, with all of the environment variables that it sees.
   * @param isInspected whether it listens for a debugger, on Node.js's own port 9229.
   */
  constructor(options: LocalTemplate['function'], onLine: OnLine, isInspected = false) {
    this.#options = options;
    this.#onLine = onLine;
    this.#isInspected = isInspected;
  }

  /**
   * Loads the code into a new process, which takes the place of the old one. Requests in flight finish in the old one.
   *
   * @throws {FunctionError} if it does not load; the old process then stays, except under a debugger, whose port only
   *   one process can have.
   */
  async load(): Promise<void> {
    const before = this.#process?.catch(() => undefined);
    if (this.#isInspected) await this.close();
    const next = this.#start();
    await next;
    this.#process = next;
    void before?.then((old) => old?.retire());
  }

  /**
   * Runs the function once.
   *
   * @returns its response, as JSON.
   * @throws {FunctionError} when there is none.
   */
  async invoke(event: unknown): Promise<string> {
    const before = this.#process;
    const current = await before?.catch(() => undefined);
    // Of several requests that find it ended, one starts the next.
    if (current?.isAlive !== true && this.#process === before) this.#process = this.#start();
    return (await (this.#process as Promise<FunctionProcess>)).invoke(event);
  }

  #start(): Promise<FunctionProcess> {
    return FunctionProcess.start(this.#options, this.#onLine, this.#isInspected);
  }

  /** Ends the process and waits until it is gone. */
  async close(): Promise<void> {
    await (await this.#process?.catch(() => undefined))?.kill();
  }
}

class FunctionProcess {
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #pending = new Map<string, PromiseWithResolvers<string>>();
  #isTimedOut = false;

  private constructor({ timeoutMs }: LocalTemplate['function'], child: ChildProcess) {
    this.#child = child;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws {FunctionError} if the code does not load. */
  static async start(
    options: LocalTemplate['function'],
    onLine: OnLine,
    isInspected: boolean,
  ): Promise<FunctionProcess> {
    const { folder, handler, variables, memoryMb } = options;
    const child = fork(RUNTIME, {
      cwd: folder,
      env: { ...variables, LAMBDA_TASK_ROOT: folder, _HANDLER: handler },
      execArgv: [`--max-old-space-size=${Math.floor(memoryMb * 0.9)}`, ...(isInspected ? ['--inspect'] : [])],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface({ input: child[stream] as NodeJS.ReadableStream }).on('line', (line) =>
        onLine(line, stream),
      );
    }
    const started = new FunctionProcess(options, child);
    const closed = once(child, 'close').then(() => started.#fail());
    const [result] = await Promise.race([
      once(child, 'message') as Promise<[RuntimeResult]>,
      closed.then((error) => [{ error: error.message }]),
    ]);
    if (result?.error !== undefined) throw new FunctionError(`The function does not load: ${result.error}`);
    child.on('message', (result: RuntimeResult) => started.#settle(result));
    return started;
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  async invoke(event: unknown): Promise<string> {
    const awsRequestId = randomUUID();
    const pending = Promise.withResolvers<string>();
    this.#pending.set(awsRequestId, pending);
    const timer = setTimeout(() => {
      this.#isTimedOut = true;
      this.#child.kill('SIGKILL');
    }, this.#timeoutMs);
    const deadlineMs = Date.now() + this.#timeoutMs;
    this.#child.send({ awsRequestId, event, deadlineMs } satisfies RuntimeEvent, (error) => {
      if (error) pending.reject(new FunctionError(`The function's process ended: ${error.message}.`));
    });
    return pending.promise.finally(() => {
      clearTimeout(timer);
      this.#pending.delete(awsRequestId);
    });
  }

  /** Ends it when its requests are over. */
  async retire(): Promise<void> {
    while (this.#pending.size > 0)
      await Promise.allSettled([...this.#pending.values()].map(({ promise }) => promise));
    await this.kill();
  }

  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #settle({ awsRequestId = '', response, error }: RuntimeResult): void {
    const pending = this.#pending.get(awsRequestId);
    if (response !== undefined) pending?.resolve(response);
    else pending?.reject(new FunctionError(`The function threw ${error}`));
  }

  /** Rejects what is pending when the process has ended. */
  #fail(): FunctionError {
    const { exitCode, signalCode } = this.#child;
    const error = new FunctionError(
      this.#isTimedOut
        ? `The function took longer than its ${this.#timeoutMs / 1000} s.`
        : `The function's process ended with ${exitCode ?? signalCode}.`,
    );
    for (const { reject } of this.#pending.values()) reject(error);
    return error;
  }
}
