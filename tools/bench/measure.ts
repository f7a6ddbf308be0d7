import type { Contender } from './contenders.ts';
import type { CpuQuota } from './cpu-quota.ts';
import { FunctionProcess } from './function-process.ts';
import { createEvent } from './store.ts';

/** What was measured, by the title of its row: by contender, one value for each round. */
export type Measurements = Map<string, Map<string, number[]>>;

/** Requests to each warm process before anything is measured, and those that are. */
const WARM_UP_REQUESTS = 1_000;
const MEASURED_REQUESTS = 400;

/**
 * Starts each contender once a round, and hands it one event.
 *
 * @param quota limits the process when its init is over.
 */
export function measureCold(
  contenders: readonly Contender[],
  runtimeClient: string,
  rounds: number,
  quota?: CpuQuota,
): Promise<Measurements> {
  return measureRounds(contenders, runtimeClient, rounds, async (process) => {
    await process.idle();
    const readyAt = performance.now();
    quota?.limit(process.pid);
    const respondedAt = await process.invoke(createEvent());
    return {
      'until it asks for its first event, ms': readyAt - process.startedAt,
      'until its first response, ms': respondedAt - process.startedAt,
      'CPU until its first response, ms': await process.readCpuTimeMs(),
    };
  });
}

/**
 * Sends each contender requests, one after the other, and measures the last of them. In each round that is a new
 * process, since V8 optimizes the same code differently from one process to the next. It is measured at once, since a
 * process that has waited for some seconds needs up to a tenth more for each.
 */
export function measureWarm(
  contenders: readonly Contender[],
  runtimeClient: string,
  rounds: number,
): Promise<Measurements> {
  return measureRounds(contenders, runtimeClient, rounds, async (process) => {
    for (let sent = 0; sent < WARM_UP_REQUESTS; sent++) await process.invoke(createEvent());
    const before = await process.readCpuTimeMs();
    for (let sent = 0; sent < MEASURED_REQUESTS; sent++) await process.invoke(createEvent());
    return { 'CPU a request, ms': ((await process.readCpuTimeMs()) - before) / MEASURED_REQUESTS };
  });
}

async function measureRounds(
  contenders: readonly Contender[],
  runtimeClient: string,
  rounds: number,
  measure: (process: FunctionProcess) => Promise<Record<string, number>>,
): Promise<Measurements> {
  const measurements: Measurements = new Map();
  for (let round = 0; round < rounds; round++) {
    process.stderr.write('.');
    // Each round begins with another, so that none always follows the same one.
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const running = await FunctionProcess.start(contender, runtimeClient);
      try {
        for (const [title, value] of Object.entries(await measure(running))) {
          const row = measurements.get(title) ?? new Map<string, number[]>();
          measurements.set(title, row.set(contender.name, [...(row.get(contender.name) ?? []), value]));
        }
      } finally {
        await running.kill();
      }
    }
  }
  return measurements;
}

/** The value in the middle, or between the two that are. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/**
 * The median of the ratios in each round. The contenders of a round run one after the other, so what slows the machine
 * for a while slows both, and cancels out.
 */
export function medianRatio(values: readonly number[], baseline: readonly number[]): number {
  return median(values.map((value, round) => value / (baseline[round] ?? Number.NaN)));
}
