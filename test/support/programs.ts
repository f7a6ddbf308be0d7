import { spawnSync } from 'node:child_process';

/** The programs that some tests run, which npm does not install, and what is not tested without each. */
const PROGRAMS = {
  curl: 'the examples for curl',
  python3: 'the example in Python',
  mcs: 'the example in C#',
  git: 'the commit of a checkout',
} as const;

/** Whether a program is on this machine. A test that needs one is skipped without it: `test.skipIf(!isInstalled(…))`. */
export function isInstalled(program: keyof typeof PROGRAMS): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** @returns what is not tested on this machine, with the program that it needs. */
export function findMissing(): string[] {
  const programs = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];
  return programs.flatMap((program) => (isInstalled(program) ? [] : [`${PROGRAMS[program]} (${program})`]));
}
