import type { Contender } from './contenders.ts';
import type { CpuQuota } from './cpu-quota.ts';
import { FunctionProcess, type FunctionSettings } from './function-process.ts';
import { loggedInRequests } from './requests.ts';
import { add, rotate, type Samples } from './statistics.ts';
import type { Store } from './stores.ts';

/** What is measured of a start, from the start of the process. */
export const COLD_TITLES = {
  ready: 'until it asks for its first event, ms',
  answered: 'until its first answer, ms',
  cpu: 'CPU until its first answer, ms',
  memory: 'peak memory, MB',
} as const;

/** The measurements of a start, by what is measured. */
export type ColdSamples = Record<keyof typeof COLD_TITLES, Samples>;

/**
 * Starts each contender once a round, and hands it one event.
 *
 * @param onRound is called after each round with its number, from 1.
 * @param quota limits the process when its init is over.
 */
export async function measureCold(
  contenders: readonly Contender[],
  settings: FunctionSettings,
  store: Store,
  rounds: number,
  onRound: (round: number) => void,
  quota?: CpuQuota,
): Promise<ColdSamples> {
  const samples = { ready: new Map(), answered: new Map(), cpu: new Map(), memory: new Map() };
  for (let round = 1; round <= rounds; round++) {
    // Each round begins with another, so that none always follows the same one.
    for (const contender of rotate(contenders, round)) {
      const [event] = await loggedInRequests(store, 1);
      const process = await FunctionProcess.start(contender, settings);
      try {
        await process.idle();
        const readyAt = performance.now();
        quota?.limit(process.pid);
        const { receivedAt } = await process.invoke(event as object);
        add(samples.ready, contender.name, readyAt - process.startedAt);
        add(samples.answered, contender.name, receivedAt - process.startedAt);
        add(samples.cpu, contender.name, await process.cpuTimeMs());
        add(samples.memory, contender.name, process.peakMemoryMb);
      } finally {
        await process.kill();
      }
    }
    onRound(round);
  }
  return samples;
}
