import type { Contender } from './contenders.ts';
import type { CpuQuota } from './cpu-quota.ts';
import { type MeasuredProcess, startMeasuredProcess } from './measured-process.ts';
import { createEvent } from './store.ts';

/** What was measured, by the title of its row: by contender, one value for each round. */
export type Measurements = Record<string, Record<string, number[]>>;

/** Requests to each warm process before anything is measured, and those that are. */
const WARM_UP_REQUESTS = 1_000;
const MEASURED_REQUESTS = 400;

/**
 * Measures the start of a function, and its first event.
 *
 * @param quota limits the process when its init is over.
 */
export async function measureStart(started: MeasuredProcess, quota?: CpuQuota) {
  await started.waitUntilIdle();
  const readyAt = performance.now();
  quota?.limit(started.pid);
  const respondedAt = await started.invoke(createEvent());
  return {
    'until it asks for its first event, ms': readyAt - started.startedAt,
    'until its first response, ms': respondedAt - started.startedAt,
    'CPU until its first response, ms': await started.readCpuTimeMs(),
  };
}

/** Sends a function requests, one after the other, and measures the last of them. */
export async function measureWarm(started: MeasuredProcess) {
  for (let sent = 0; sent < WARM_UP_REQUESTS; sent++) await started.invoke(createEvent());
  const before = await started.readCpuTimeMs();
  for (let sent = 0; sent < MEASURED_REQUESTS; sent++) await started.invoke(createEvent());
  return { 'CPU a request, ms': ((await started.readCpuTimeMs()) - before) / MEASURED_REQUESTS };
}

/**
 * Starts and measures each contender once a round. In each round that is a new process, since V8 optimizes the same code
 * differently from one process to the next. It is measured at once, since a process that has waited for some seconds
 * needs up to a tenth more for each request.
 *
 * @param measure returns values by the titles of their rows.
 */
export async function measureRounds(
  contenders: readonly Contender[],
  runtimeClient: string,
  rounds: number,
  measure: (started: MeasuredProcess) => Promise<Record<string, number>>,
): Promise<Measurements> {
  const measurements: Measurements = {};
  for (let round = 0; round < rounds; round++) {
    process.stderr.write('.');
    // Each round begins with another, so that none always follows the same one.
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const started = await startMeasuredProcess(contender, runtimeClient);
      try {
        for (const [title, value] of Object.entries(await measure(started))) {
          measurements[title] ??= {};
          measurements[title][contender.name] ??= [];
          measurements[title][contender.name]?.push(value);
        }
      } finally {
        await started.kill();
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
