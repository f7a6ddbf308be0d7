import { readdirSync, readFileSync } from 'node:fs';

/**
 * The CPU time that a process has taken, all of its threads together.
 *
 * @returns milliseconds, to the microsecond: what `/proc` calls the run time of its threads.
 */
export function cpuTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]),
  );
  return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
}

/**
 * The most memory that a process has held at once.
 *
 * @returns megabytes (2^20 bytes).
 */
export function peakMemory(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kilobytes) / 1024;
}
