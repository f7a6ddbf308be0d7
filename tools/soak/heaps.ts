import { join } from 'node:path';

/** By how much a live heap may grow from the end of the warm-up to the end. Garbage collection varies by less. */
export const MAX_GROWTH_BYTES = 1_000_000;

/** The shortest warm-up: after ten seconds heaps still grew by a megabyte. */
export const MIN_WARM_UP_SECONDS = 40;

/** The `NODE_OPTIONS` of a function whose heap can be requested. The path is quoted, since it may hold spaces. */
export const NODE_OPTIONS = `--expose-gc --require ${JSON.stringify(join(import.meta.dirname, '../bench/live-heap.cjs'))}`;

/** The live heaps that a process reported when its warm-up was over and at the end, in bytes. */
export interface HeapGrowth {
  readonly pid: number;
  readonly first: number;
  readonly last: number;
}

/** What a process reported: `first` is absent during its warm-up. */
interface Reports {
  readonly pid: number;
  readonly since: number;
  readonly first?: number | undefined;
  readonly last: number;
}

/** The live heaps of the function's processes. Each has a warm-up of its own, since some start late. */
export class Heaps {
  readonly #warmUpSeconds: number;
  readonly #byPid = new Map<number, Reports>();

  /** @param warmUpSeconds how long the heap of a process may grow, from its first report on. */
  constructor(warmUpSeconds: number) {
    this.#warmUpSeconds = warmUpSeconds;
  }

  /** Asks processes to report their heap, which they do when they are idle. */
  request(pids: readonly number[]): void {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGUSR2');
      } catch {
        // It has ended in the meantime.
      }
    }
  }

  /**
   * Reads a line of the function's output.
   *
   * @param now seconds of a clock. Default: the process's own.
   * @returns whether it was the report of a heap.
   */
  read(line: string, now: number = process.uptime()): boolean {
    const [, id, bytes] = /^live heap (\d+) (\d+)$/.exec(line) ?? [];
    if (id === undefined) return false;
    const [pid, last] = [Number(id), Number(bytes)];
    const { since = now, first }: Partial<Reports> = this.#byPid.get(pid) ?? {};
    const isWarm = now - since >= this.#warmUpSeconds;
    this.#byPid.set(pid, { pid, since, first: first ?? (isWarm ? last : undefined), last });
    return true;
  }

  /** The largest heap that was reported last, in bytes; zero before the first report. */
  get largest(): number {
    return Math.max(0, ...[...this.#byPid.values()].map(({ last }) => last));
  }

  /** The growth of each process that is past its warm-up. */
  get growth(): readonly HeapGrowth[] {
    return [...this.#byPid.values()].flatMap(({ pid, first, last }) =>
      first === undefined ? [] : { pid, first, last },
    );
  }
}
