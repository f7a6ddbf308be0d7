import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import { cpuTime, peakMemory } from './process-usage.ts';
import { type Answer, RuntimeApi } from './runtime-api.ts';

/** What a process needs, whichever function it runs. */
export interface Surroundings {
  /** The path of AWS's runtime client. */
  readonly runtimeClient: string;
  /** The environment variables of the function, as the template and Lambda set them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A function in a process of its own, under AWS's runtime client. */
export class FunctionProcess {
  /** When it was started: a value of `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #child: ChildProcess;
  readonly #api: RuntimeApi;

  private constructor(api: RuntimeApi, contender: Contender, surroundings: Surroundings, flags: string[]) {
    this.#api = api;
    this.#child = spawn(process.execPath, [...flags, surroundings.runtimeClient], {
      cwd: contender.folder,
      env: {
        ...surroundings.variables,
        AWS_LAMBDA_RUNTIME_API: api.address,
        LAMBDA_TASK_ROOT: contender.folder,
        _HANDLER: 'index.handler',
      },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    let said = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000);
    });
    this.#child.once('exit', (code, signal) =>
      api.fail(new Error(`${contender.name} ended with ${code ?? signal}: ${said}`)),
    );
  }

  /** Starts a process. It is not yet ready when this returns: see {@link idle}. */
  static async start(
    contender: Contender,
    surroundings: Surroundings,
    flags: string[] = [],
  ): Promise<FunctionProcess> {
    return new FunctionProcess(await RuntimeApi.start(), contender, surroundings, flags);
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid as number;
  }

  /** Waits until it asks for work: at first when its init is over. */
  idle(): Promise<void> {
    return this.#api.idle();
  }

  /**
   * Hands it an event.
   *
   * @throws {Error} when it fails, or answers anything but 200: what is measured is success.
   */
  async invoke(event: object): Promise<Answer> {
    const answer = await this.#api.invoke(event);
    if (JSON.parse(answer.body).statusCode !== 200) throw new Error(`The answer is ${answer.body}`);
    return answer;
  }

  /** The CPU time that it has taken, in milliseconds, when it has come to rest. */
  async cpuTime(): Promise<number> {
    await this.idle();
    // Threads that compile or collect in the background belong to it as well.
    await sleep(10);
    return cpuTime(this.pid);
  }

  /** The most memory that it has held at once, in megabytes. */
  get peakMemory(): number {
    return peakMemory(this.pid);
  }

  /** What is alive on its heap after collection, in bytes; to be asked of one that was started with {@link HEAP_FLAGS}. */
  async liveHeap(): Promise<number> {
    await this.idle();
    const answer = once(this.#child.stdio[3] as NodeJS.ReadableStream, 'data');
    this.#child.kill('SIGUSR2');
    return Number(String(await answer));
  }

  /** Ends it. */
  async kill(): Promise<void> {
    this.#child.removeAllListeners('exit');
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    await this.#api.close();
  }
}

/** What {@link FunctionProcess.liveHeap} needs: collection on request, and a listener that does it. */
export const HEAP_FLAGS = ['--expose-gc', '--require', `${import.meta.dirname}/live-heap.cjs`];
