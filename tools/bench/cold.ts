import type { Contender } from './contenders.ts';
import type { CpuQuota } from './cpu-quota.ts';
import { FunctionProcess, type Surroundings } from './function-process.ts';
import { requests } from './requests.ts';
import { add, type Samples } from './statistics.ts';
import type { Store } from './stores.ts';

/** What is measured of a start. Milliseconds from the start of the process; megabytes. */
export const COLD = {
  ready: 'until it asks for its first event, ms',
  answered: 'until its first answer, ms',
  cpu: 'CPU until its first answer, ms',
  memory: 'peak memory, MB',
} as const;

/**
 * Starts each contender in turns, and hands it one event.
 *
 * @param turns how often.
 * @param quota what the process is cut to when its init is over; nothing if not given.
 * @param progress is told after each turn.
 */
export async function measureCold(
  contenders: readonly Contender[],
  surroundings: Surroundings,
  store: Store,
  turns: number,
  progress: (turn: number) => void,
  quota?: CpuQuota,
): Promise<Record<keyof typeof COLD, Samples>> {
  const samples = { ready: new Map(), answered: new Map(), cpu: new Map(), memory: new Map() };
  for (let turn = 1; turn <= turns; turn++) {
    // Each turn begins with another, so that nobody always follows the same one.
    for (const contender of rotated(contenders, turn)) {
      const [event] = await requests(store, 1);
      const process = await FunctionProcess.start(contender, surroundings);
      try {
        await process.idle();
        const readyAt = performance.now();
        quota?.cut(process.pid);
        const answer = await process.invoke(event as object);
        add(samples.ready, contender.name, readyAt - process.startedAt);
        add(samples.answered, contender.name, answer.at - process.startedAt);
        add(samples.cpu, contender.name, await process.cpuTime());
        add(samples.memory, contender.name, process.peakMemory);
      } finally {
        await process.kill();
      }
    }
    progress(turn);
  }
  return samples;
}

/** The same list, begun elsewhere. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}
