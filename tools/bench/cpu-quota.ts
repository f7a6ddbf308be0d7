import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';

/** The share of a CPU that Lambda gives a function of 512 MB: a whole one comes with 1,769 MB. */
export const SHARE = 0.29;

/** Microseconds. A short one, so that no answer fits into the first period as a whole. */
const PERIOD = 20_000;

/** What control groups may be called here, and how each version takes a quota. */
const KINDS = [
  {
    folder: `/sys/fs/cgroup/cpu/connection-logout-bench-${process.pid}`,
    settings: { 'cpu.cfs_period_us': String(PERIOD), 'cpu.cfs_quota_us': String(PERIOD * SHARE) },
  },
  {
    folder: `/sys/fs/cgroup/connection-logout-bench-${process.pid}`,
    settings: { 'cpu.max': `${PERIOD * SHARE} ${PERIOD}` },
  },
];

/** A share of a CPU that processes can be cut to. */
export interface CpuQuota {
  /** Cuts a process from now on. */
  cut(pid: number): void;
  /** Gives it up; no cut process may be left. */
  close(): void;
}

/**
 * Makes a control group with {@link SHARE} of a CPU.
 *
 * @returns `undefined` where this user may not, or the system has none.
 */
export function cpuQuota(): CpuQuota | undefined {
  for (const { folder, settings } of KINDS) {
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      for (const [name, value] of Object.entries(settings)) writeFileSync(`${folder}/${name}`, value);
      return {
        cut: (pid) => writeFileSync(`${folder}/cgroup.procs`, String(pid)),
        close: () => rmdirSync(folder),
      };
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}
