import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import {
  Environment,
  FunctionInitError,
  type FunctionOutput,
  type FunctionSettings,
  type Invocation,
} from './environment.ts';

/** As many requests run at once; further ones wait for their turn. Lambda would start more. */
const MAX_CONCURRENCY = 10;

/** The environments of one function: a request takes an idle one, or a new one, and gives it back. */
export class EnvironmentPool {
  readonly #output: FunctionOutput;
  readonly #maxConcurrency: number;
  readonly #all = new Set<Environment>();
  readonly #waiting: (() => void)[] = [];
  #settings: FunctionSettings;
  #idle: Environment[] = [];
  #running = 0;
  #isClosed = false;

  constructor(settings: FunctionSettings, output: FunctionOutput) {
    this.#settings = settings;
    this.#output = output;
    // Two processes cannot have the one port of a debugger.
    this.#maxConcurrency = settings.inspectPort === undefined ? MAX_CONCURRENCY : 1;
  }

  /** The process ids of the environments. */
  get pids(): number[] {
    return [...this.#all].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Loads the function into a new environment, which takes the place of those that are there. Requests in flight finish
   * with the code that they started with. If the function does not load, everything stays as it was.
   *
   * @throws {FunctionInitError} if it does not load.
   */
  async load(): Promise<void> {
    // A new object: an environment with another one runs old code.
    const settings = { ...this.#settings };
    const isAlone = settings.inspectPort !== undefined;
    if (isAlone) {
      await this.#takeTurn();
      await this.#killIdle();
    }
    try {
      const environment = await this.#start(settings);
      this.#settings = settings;
      await this.#killIdle();
      this.#idle.push(environment);
    } finally {
      if (isAlone) this.#giveTurn();
    }
  }

  /**
   * Runs the function once. Whatever it does ends there: a process that hung, died or did not load is not used again.
   * Never rejects.
   *
   * @param event what the function is given.
   * @param signal aborted when the caller waits no longer: a request whose turn has not come is then dropped, one that
   *   runs goes on.
   */
  async invoke(event: APIGatewayProxyEventV2, signal: AbortSignal): Promise<Invocation> {
    await this.#takeTurn();
    try {
      if (signal.aborted || this.#isClosed) {
        return { ok: false, code: 'function_exited', reason: 'The request waited too long for its turn.' };
      }
      const environment = this.#takeIdle() ?? (await this.#start(this.#settings));
      const invocation = await environment.invoke(event);
      if (environment.alive && environment.settings === this.#settings) this.#idle.push(environment);
      else await environment.kill();
      return invocation;
    } catch (error) {
      if (error instanceof FunctionInitError) return error.failure;
      throw error;
    } finally {
      this.#giveTurn();
    }
  }

  /** Ends all environments at once and waits until they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((environment) => environment.kill()));
  }

  /** First come, first served: a place that becomes free goes to the request that has waited longest. */
  async #takeTurn(): Promise<void> {
    if (this.#running === this.#maxConcurrency) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
  }

  #giveTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  /** @returns the one that was used last, which is the warmest. */
  #takeIdle(): Environment | undefined {
    let environment = this.#idle.pop();
    while (environment?.alive === false) environment = this.#idle.pop();
    return environment;
  }

  async #start(settings: FunctionSettings): Promise<Environment> {
    const environment = new Environment(settings, this.#output);
    this.#all.add(environment);
    void environment.ended.then(() => this.#all.delete(environment));
    await environment.load();
    return environment;
  }

  async #killIdle(): Promise<void> {
    const idle = this.#idle;
    this.#idle = [];
    await Promise.all(idle.map((environment) => environment.kill()));
  }
}
