import type { Contender } from './contenders.ts';
import { FunctionProcess, type FunctionSettings } from './function-process.ts';
import { loggedInRequests } from './requests.ts';
import { add, median, rotate, type Samples } from './statistics.ts';
import type { Store } from './stores.ts';

/** What is measured of a running function. */
export const WARM_TITLES = { cpu: 'CPU a request, ms', latency: 'median latency, ms' } as const;

/** The measurements of a running function, by what is measured. */
export type WarmSamples = Record<keyof typeof WARM_TITLES, Samples>;

/** How much is measured. */
export interface WarmPlan {
  /** Each has a new process of each contender: V8 optimizes the same code differently from one process to the next. */
  readonly rounds: number;
  /** Requests to each process before anything is measured. */
  readonly warmUpRequests: number;
  readonly measuredRequests: number;
}

/**
 * Sends requests to each contender in turn, one after the other.
 *
 * @param onRound is called after each round with its number, from 1.
 */
export async function measureWarm(
  contenders: readonly Contender[],
  settings: FunctionSettings,
  store: Store,
  plan: WarmPlan,
  onRound: (done: number) => void,
): Promise<WarmSamples> {
  const { rounds, warmUpRequests, measuredRequests } = plan;
  const samples = { cpu: new Map(), latency: new Map() };
  for (let round = 1; round <= rounds; round++) {
    const processes: [string, FunctionProcess][] = [];
    try {
      for (const contender of contenders) {
        const process = await FunctionProcess.start(contender, settings);
        processes.push([contender.name, process]);
        await process.invokeAll(await loggedInRequests(store, warmUpRequests));
      }
      for (const [name, process] of rotate(processes, round)) {
        const events = await loggedInRequests(store, measuredRequests);
        const cpuBefore = await process.cpuTimeMs();
        const latencies = await process.invokeAll(events);
        add(samples.cpu, name, ((await process.cpuTimeMs()) - cpuBefore) / measuredRequests);
        add(samples.latency, name, median(latencies));
      }
      onRound(round);
    } finally {
      await Promise.all(processes.map(([, process]) => process.kill()));
    }
  }
  return samples;
}
