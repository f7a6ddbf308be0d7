/** What a live heap may gain from the end of the warm-up to the end, in bytes: less is what a garbage collector does. */
export const MOST_GROWTH = 1_000_000;

/** How long a heap may take to find its size, in seconds at the least: after ten it still grew by a megabyte. */
export const WARM_UP = 40;

/**
 * Loaded into the function's process in front of the bundle: on a signal it collects garbage, and tells on standard
 * error what is left. That is what the code holds on to; what the process has of the machine says little, since V8
 * takes what it may before it collects.
 */
const TELL_HEAP = `
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

/** The `NODE_OPTIONS` of a function that can be asked. */
export const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(TELL_HEAP)}`;

/** The live heaps of the function's processes, as they told them. */
export class Heaps {
  /** By process id, in bytes, in their order. */
  readonly #samples = new Map<number, number[]>();

  /** Asks processes, which tell a little later. */
  ask(pids: readonly number[]): void {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGUSR2');
      } catch {
        // It has ended in the meantime.
      }
    }
  }

  /**
   * Hears a line of the function's.
   *
   * @returns whether it was one about the heap.
   */
  hear(line: string): boolean {
    const [, pid, bytes] = /^live heap (\d+) (\d+)$/.exec(line) ?? [];
    if (pid === undefined) return false;
    this.#samples.set(Number(pid), [...(this.#samples.get(Number(pid)) ?? []), Number(bytes)]);
    return true;
  }

  /** Forgets what was told until now: the end of the warm-up. */
  forget(): void {
    this.#samples.clear();
  }

  /** The largest heap of those told last, in bytes. */
  get largest(): number {
    return Math.max(0, ...[...this.#samples.values()].map((samples) => samples.at(-1) ?? 0));
  }

  /** Of each process: the first heap that it told, and the last, in bytes. */
  get growth(): readonly { readonly pid: number; readonly first: number; readonly last: number }[] {
    return [...this.#samples].map(([pid, samples]) => ({
      pid,
      first: samples[0] ?? 0,
      last: samples.at(-1) ?? 0,
    }));
  }
}
