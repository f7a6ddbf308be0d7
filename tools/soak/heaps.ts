/** By how much a live heap may grow from the end of the warm-up to the end. Garbage collection varies by less. */
export const MAX_GROWTH_BYTES = 1_000_000;

/** The shortest warm-up: after ten seconds heaps still grew by a megabyte. */
export const MIN_WARM_UP_SECONDS = 40;

/**
 * Loaded into the function's process before the bundle: on SIGUSR2 it collects garbage and reports the live heap on
 * standard error. The resident memory says little, since V8 takes what it may before it collects.
 */
const HEAP_REPORTER = `
  import { setFlagsFromString } from 'node:v8';
  import { runInNewContext } from 'node:vm';
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    collect();
    process.stderr.write('live heap ' + process.pid + ' ' + process.memoryUsage().heapUsed + '\\n');
  });
`;

/** The `NODE_OPTIONS` of a function whose heap can be requested. */
export const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(HEAP_REPORTER)}`;

/** The first and the last live heap that a process reported, in bytes. */
export interface HeapGrowth {
  readonly pid: number;
  readonly first: number;
  readonly last: number;
}

/** The live heaps of the function's processes. */
export class Heaps {
  readonly #byPid = new Map<number, HeapGrowth>();

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
   * @returns whether it was the report of a heap.
   */
  read(line: string): boolean {
    const [, id, bytes] = /^live heap (\d+) (\d+)$/.exec(line) ?? [];
    if (id === undefined) return false;
    const [pid, last] = [Number(id), Number(bytes)];
    this.#byPid.set(pid, { pid, first: this.#byPid.get(pid)?.first ?? last, last });
    return true;
  }

  /** Drops what was reported so far: the warm-up is over. */
  reset(): void {
    this.#byPid.clear();
  }

  /** The growth of each process. */
  get growth(): readonly HeapGrowth[] {
    return [...this.#byPid.values()];
  }
}
