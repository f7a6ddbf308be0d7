import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import { type FunctionResponse, RuntimeApi } from './runtime-api.ts';

/** What a process needs, whichever function it runs. */
export interface FunctionSettings {
  /** The path of AWS's runtime client. */
  readonly runtimeClient: string;
  /** The environment variables of the function, as the template and Lambda set them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Node.js options of a process whose {@link FunctionProcess.liveHeapBytes} is asked for. */
export const HEAP_FLAGS = ['--expose-gc', '--require', `${import.meta.dirname}/live-heap.cjs`];

/** Background threads that compile or collect take CPU time for a moment after an answer. */
const SETTLE_MS = 10;

/** A function in a process of its own, under AWS's runtime client. */
export class FunctionProcess {
  /** When it was started: a value of `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #child: ChildProcess;
  readonly #api: RuntimeApi;

  private constructor(api: RuntimeApi, contender: Contender, settings: FunctionSettings, flags: string[]) {
    this.#api = api;
    this.#child = spawn(process.execPath, [...flags, settings.runtimeClient], {
      cwd: contender.folder,
      env: {
        ...settings.variables,
        ...contender.variables,
        AWS_LAMBDA_RUNTIME_API: api.address,
        LAMBDA_TASK_ROOT: contender.folder,
        _HANDLER: 'index.handler',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2_000);
    });
    this.#child.once('exit', (code, signal) =>
      api.fail(new Error(`${contender.name} ended with ${code ?? signal}: ${stderr}`)),
    );
  }

  /** Starts a process. It is not ready when this returns: see {@link idle}. */
  static async start(
    contender: Contender,
    settings: FunctionSettings,
    flags: string[] = [],
  ): Promise<FunctionProcess> {
    return new FunctionProcess(await RuntimeApi.start(), contender, settings, flags);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Waits until it asks for an event, first when its init is over. */
  idle(): Promise<void> {
    return this.#api.idle();
  }

  /**
   * Hands it an event.
   *
   * @throws {Error} when it fails, or answers with another status than 200: only success is measured.
   */
  async invoke(event: object): Promise<FunctionResponse> {
    const response = await this.#api.invoke(event);
    if (JSON.parse(response.body).statusCode !== 200) throw new Error(`The answer is ${response.body}`);
    return response;
  }

  /**
   * Sends events, one after the other.
   *
   * @returns how long each took, in milliseconds.
   */
  async invokeAll(events: readonly object[]): Promise<number[]> {
    const latencies: number[] = [];
    for (const event of events) {
      await this.idle();
      const sentAt = performance.now();
      const { receivedAt } = await this.invoke(event);
      latencies.push(receivedAt - sentAt);
    }
    return latencies;
  }

  /** The CPU time that it has taken since its start, measured when it is idle. */
  async cpuTimeMs(): Promise<number> {
    await this.idle();
    await sleep(SETTLE_MS);
    return cpuTimeMs(this.pid);
  }

  /** The most memory that it has held at once. */
  get peakMemoryMb(): number {
    return peakMemoryMb(this.pid);
  }

  /** The size of its heap after garbage collection. It must have been started with {@link HEAP_FLAGS}. */
  async liveHeapBytes(): Promise<number> {
    await this.idle();
    const report = once(this.#child.stderr as NodeJS.ReadableStream, 'data');
    this.#child.kill('SIGUSR2');
    const text = String(await report);
    const [, bytes] = /^live heap \d+ (\d+)$/m.exec(text) ?? [];
    if (bytes === undefined) throw new Error(`Not the size of a heap: ${text}`);
    return Number(bytes);
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

/** The CPU time that a process has taken, all of its threads together. */
function cpuTimeMs(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]),
  );
  return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** The most memory that a process has held at once, in units of 2^20 bytes. */
function peakMemoryMb(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kilobytes) / 1024;
}
