import { rotated } from './cold.ts';
import type { Contender } from './contenders.ts';
import { FunctionProcess, type Surroundings } from './function-process.ts';
import { requests } from './requests.ts';
import { add, median, type Samples } from './statistics.ts';
import type { Store } from './stores.ts';

/** What is measured of a running function. */
export const WARM = { cpu: 'CPU a request, ms', latency: 'median latency, ms' } as const;

/** How much of it. */
export interface WarmPlan {
  /** Requests to each contender before anything is measured. */
  readonly before: number;
  readonly turns: number;
  /** Requests to each contender in each turn. */
  readonly perTurn: number;
}

/**
 * Sends requests to each contender in turns, one after the other.
 *
 * @param progress is told after each turn; 0 stands for the requests before them.
 */
export async function measureWarm(
  contenders: readonly Contender[],
  surroundings: Surroundings,
  store: Store,
  { before, turns, perTurn }: WarmPlan,
  progress: (turn: number) => void,
): Promise<Record<keyof typeof WARM, Samples>> {
  const samples = { cpu: new Map(), latency: new Map() };
  const processes: [string, FunctionProcess][] = [];
  try {
    for (const contender of contenders) {
      processes.push([contender.name, await FunctionProcess.start(contender, surroundings)]);
    }
    for (const [, process] of processes) await invokeAll(process, await requests(store, before));
    progress(0);
    for (let turn = 1; turn <= turns; turn++) {
      for (const [name, process] of rotated(processes, turn)) {
        const events = await requests(store, perTurn);
        const cpuBefore = await process.cpuTime();
        const latencies = await invokeAll(process, events);
        add(samples.cpu, name, ((await process.cpuTime()) - cpuBefore) / perTurn);
        add(samples.latency, name, median(latencies));
      }
      progress(turn);
    }
  } finally {
    await Promise.all(processes.map(([, process]) => process.kill()));
  }
  return samples;
}

/** @returns how long each took, in milliseconds. */
export async function invokeAll(process: FunctionProcess, events: readonly object[]): Promise<number[]> {
  const latencies: number[] = [];
  for (const event of events) {
    await process.idle();
    const sentAt = performance.now();
    const { at } = await process.invoke(event);
    latencies.push(at - sentAt);
  }
  return latencies;
}
