import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Whether any process of a group is left. Where there is a `/proc`, those that have ended do not count that their new
 * parent has not looked after yet: in a container that may take it seconds.
 *
 * @param group the id of the process that began the group.
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
    const [state, , itsGroup] = afterCommand(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return Number(itsGroup) === group && state !== 'Z';
  } catch {
    return false;
  }
}

/**
 * Reads a line of `/proc/PID/stat`.
 *
 * @returns state, parent, group …: what follows the command, which stands in brackets and may hold anything.
 */
export function afterCommand(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
