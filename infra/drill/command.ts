import { UserError } from '../user-error.ts';
import { FAULTS, type Fault } from './faults.ts';
import { columns, wrap } from './text.ts';

const HELP = `The game day on one machine: breaks the service in one way after the other, while terminals log out, and shows
what a person on call gets to see of it.

  npm run drill                     every fault, one after the other
  npm run drill -- NAME [NAME…]     these only
  npm run drill -- --list           the faults that there are
  npm run drill -- --help           prints this

For each it prints what the terminals were answered, and whether each connection ended up logged out; a log line; the
alarms that fire, and after how many minutes; the saved query that finds it, with its result; and the section of the
runbook.

It needs Java 17 or later, or Docker, and takes free ports. Ctrl-C ends everything that it started.

Exit code: 0 when all happened that must, 1 when not (a logout was lost, an alarm was silent), or when it could not
be started.`;

/** What the person asked for: something to read, or a drill. */
export type Command = { readonly print: string } | { readonly faults: readonly Fault[] };

/**
 * Reads arguments.
 *
 * @param args what follows the script's name.
 * @throws {UserError} a sentence about the first that is wrong.
 */
export function parseCommand(args: readonly string[]): Command {
  if (args.includes('--help')) return { print: HELP };
  if (args.includes('--list')) return { print: list() };
  for (const arg of args) {
    if (arg.startsWith('-')) {
      throw new UserError(
        `There is no option "${arg}": \`npm run drill -- --help\` lists what can be given.`,
      );
    }
    if (!FAULTS.some(({ name }) => name === arg)) {
      const names = FAULTS.map(({ name }) => name).join(', ');
      throw new UserError(`There is no fault "${arg}". There are: ${names}.`);
    }
  }
  return { faults: FAULTS.filter(({ name }) => args.length === 0 || args.includes(name)) };
}

function list(): string {
  const names = columns(FAULTS.map(({ name }) => [name, '']));
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return FAULTS.map(({ name, breaks, alarms }) => {
    const text = wrap(`${breaks} Alarms: ${alarms.join(', ')}.`, ' '.repeat(width));
    return name + text.slice(name.length);
  }).join('\n');
}
