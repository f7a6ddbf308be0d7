import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Whether any process of a group is still running. Where `/proc` exists, zombies do not count: in a container the
 * first process may take seconds to collect them.
 *
 * @param group the id of the group's first process.
 */
export function isGroupLeft(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  if (!existsSync('/proc/self/stat')) return true;
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && isAliveIn(group, pid));
}

function isAliveIn(group: number, pid: string): boolean {
  try {
    // What follows the command, which stands in brackets and may hold anything: state, parent, group …
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(itsGroup) === group && state !== 'Z';
  } catch {
    return false;
  }
}
