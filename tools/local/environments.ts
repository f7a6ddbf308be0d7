import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import {
  Environment,
  FunctionInitError,
  type FunctionOutput,
  type FunctionSettings,
  type Invocation,
} from './environment.ts';

/** As many requests run at once; further ones wait for their turn. Lambda would start more. */
const AT_ONCE = 10;

/** The environments of one function: a request takes an idle one, or a new one, and gives it back. */
export class Environments {
  readonly #settings: FunctionSettings;
  readonly #output: FunctionOutput;
  readonly #most: number;
  readonly #all = new Set<Environment>();
  readonly #idle: Environment[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  /**
   * @param settings the function.
   * @param output where the lines go that it writes.
   */
  constructor(settings: FunctionSettings, output: FunctionOutput) {
    this.#settings = settings;
    this.#output = output;
    // Two processes cannot have the debugger's one port: whoever stops in one request finds the next one waiting.
    this.#most = settings.inspectPort === undefined ? AT_ONCE : 1;
  }

  /** The process ids of the environments that are alive. */
  get pids(): number[] {
    return [...this.#all].flatMap(({ alive, pid }) => (alive && pid !== undefined ? [pid] : []));
  }

  /**
   * Loads the function into a first environment, so that code that does not load is found before a request
   * needs it.
   *
   * @throws {FunctionInitError} if it does not load.
   */
  async warmUp(): Promise<void> {
    this.#idle.push(await this.#start());
  }

  /**
   * Runs the function once. Whatever it does ends there: a process that hung, died or did not load is not
   * used again. Never rejects.
   *
   * @param event what the function is given.
   * @param signal aborted when nobody waits for the answer any more: a request whose turn has not come is
   *   then dropped, one that runs goes on.
   */
  async invoke(event: APIGatewayProxyEventV2, signal: AbortSignal): Promise<Invocation> {
    await this.#turn();
    try {
      if (signal.aborted || this.#closed) {
        return { ok: false, code: 'function_exited', reason: 'The request waited too long for its turn.' };
      }
      const environment = this.#takeIdle() ?? (await this.#start());
      const invocation = await environment.invoke(event);
      if (environment.alive) {
        this.#idle.push(environment);
      } else {
        this.#all.delete(environment);
      }
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
    this.#closed = true;
    await Promise.all([...this.#all].map((environment) => environment.kill()));
  }

  /** A place that becomes free goes to the one who waits longest, never to a newcomer. */
  async #turn(): Promise<void> {
    if (this.#taken === this.#most) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#taken += 1;
    }
  }

  #giveTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#taken -= 1;
    } else {
      next();
    }
  }

  /** @returns the one that was used last, which is the warmest. */
  #takeIdle(): Environment | undefined {
    while (true) {
      const environment = this.#idle.pop();
      if (environment === undefined || environment.alive) return environment;
      this.#all.delete(environment);
    }
  }

  async #start(): Promise<Environment> {
    const environment = new Environment(this.#settings, this.#output);
    this.#all.add(environment);
    try {
      await environment.load();
      return environment;
    } catch (error) {
      this.#all.delete(environment);
      throw error;
    }
  }
}
