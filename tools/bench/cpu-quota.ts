import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';

/** The share of a CPU that Lambda gives a function of 512 MB: a whole one comes with 1,769 MB. */
export const CPU_SHARE = 0.29;

/** Short, so that no response fits into the first period as a whole. */
const PERIOD_US = 20_000;

const NAME = `connection-logout-bench-${process.pid}`;

/** Where version 1 and version 2 of control groups are, and how each takes a quota. */
const CONTROL_GROUPS = [
  {
    folder: `/sys/fs/cgroup/cpu/${NAME}`,
    settings: { 'cpu.cfs_period_us': String(PERIOD_US), 'cpu.cfs_quota_us': String(PERIOD_US * CPU_SHARE) },
  },
  { folder: `/sys/fs/cgroup/${NAME}`, settings: { 'cpu.max': `${PERIOD_US * CPU_SHARE} ${PERIOD_US}` } },
];

/** A control group with {@link CPU_SHARE} of a CPU: limits a process from now on, and is removed when it is empty. */
export type CpuQuota = NonNullable<ReturnType<typeof createCpuQuota>>;

/** @returns `undefined` where this user may not make a control group, or the system has none. */
export function createCpuQuota() {
  for (const { folder, settings } of CONTROL_GROUPS) {
    try {
      mkdirSync(folder);
      for (const [name, value] of Object.entries(settings)) writeFileSync(`${folder}/${name}`, value);
      return {
        limit: (pid: number) => writeFileSync(`${folder}/cgroup.procs`, String(pid)),
        close: () => rmdirSync(folder),
      };
    } catch {
      if (existsSync(folder)) rmdirSync(folder);
    }
  }
  return undefined;
}
