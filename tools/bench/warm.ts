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
  readonly rounds: number;
  /** Requests to each process before anything is measured. */
  readonly warmUpRequests: number;
  readonly measuredRequests: number;
}

/**
 * In each round starts a new process of each contender in turn, since V8 optimizes the same code differently from one
 * process to the next. Sends it requests, one after the other, and measures the last of them: at once, since a process
 * that has waited for some seconds needs up to a tenth more for each.
 *
 * @param onRound is called after each round with its number, from 1.
 */
export async function measureWarm(
  contenders: readonly Contender[],
  settings: FunctionSettings,
  store: Store,
  { rounds, warmUpRequests, measuredRequests }: WarmPlan,
  onRound: (round: number) => void,
): Promise<WarmSamples> {
  const samples = { cpu: new Map(), latency: new Map() };
  for (let round = 1; round <= rounds; round++) {
    for (const contender of rotate(contenders, round)) {
      const warmUpEvents = await loggedInRequests(store, warmUpRequests);
      const events = await loggedInRequests(store, measuredRequests);
      const process = await FunctionProcess.start(contender, settings);
      try {
        await process.invokeAll(warmUpEvents);
        const cpuBeforeMs = await process.cpuTimeMs();
        const latencies = await process.invokeAll(events);
        add(samples.cpu, contender.name, ((await process.cpuTimeMs()) - cpuBeforeMs) / measuredRequests);
        add(samples.latency, contender.name, median(latencies));
      } finally {
        await process.kill();
      }
    }
    onRound(round);
  }
  return samples;
}
