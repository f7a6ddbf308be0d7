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
  /** Processes of each contender, one after the other: what V8 makes of the same code differs from one to the next. */
  readonly processes: number;
  /** Requests to each process before anything is measured. */
  readonly before: number;
  /** Turns with each process. */
  readonly turns: number;
  /** Requests to each process in each turn. */
  readonly perTurn: number;
}

/**
 * Sends requests to each contender in turns, one after the other.
 *
 * @param progress is told after each turn how many are over.
 */
export async function measureWarm(
  contenders: readonly Contender[],
  surroundings: Surroundings,
  store: Store,
  plan: WarmPlan,
  progress: (turns: number) => void,
): Promise<Record<keyof typeof WARM, Samples>> {
  const samples = { cpu: new Map(), latency: new Map() };
  for (let process = 0; process < plan.processes; process++) {
    await measureProcesses(contenders, surroundings, store, plan, samples, (turn) =>
      progress(process * plan.turns + turn),
    );
  }
  return samples;
}

async function measureProcesses(
  contenders: readonly Contender[],
  surroundings: Surroundings,
  store: Store,
  { before, turns, perTurn }: WarmPlan,
  samples: Record<keyof typeof WARM, Samples>,
  progress: (turn: number) => void,
): Promise<void> {
  const processes: [string, FunctionProcess][] = [];
  try {
    for (const contender of contenders) {
      const process = await FunctionProcess.start(contender, surroundings);
      processes.push([contender.name, process]);
      await invokeAll(process, await requests(store, before));
    }
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
