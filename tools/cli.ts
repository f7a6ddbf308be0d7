import { parseArgs, styleText } from 'node:util';

/**
 * Thrown when something is wrong that the user can fix: an unknown option, a busy port, missing credentials. Its
 * message is a sentence that says what to do, and is all that is printed. Any other error is a defect, printed with
 * its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The options of a command, as `node:util`'s `parseArgs` takes them. `--help` is added to each command. */
export type Options = NonNullable<Parameters<typeof parseArgs>[0]>['options'];

/** The values of a command's options, as `parseArgs` returns them. */
type Values<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>
>['values'];

/** A command that a user runs: `npm run NAME`. */
export interface Command<O extends Options> {
  /** As the user types it, such as `npm run smoke`. Ends the sentence on a wrong argument. */
  readonly name: string;
  /** What `--help` prints. */
  readonly help: string;
  readonly options?: O;
  /** How many arguments it takes beside its options, at most. Default: none. */
  readonly maxArguments?: number;
  /** The exit code of an error. Default: 1. */
  readonly errorCode?: number;
  /**
   * Does the work.
   *
   * @param values the values of the options.
   * @param args the arguments beside them.
   * @returns the exit code. Default: 0.
   */
  run(values: Values<O>, args: readonly string[]): Promise<number | undefined>;
}

/** Gives a command that is not run at once the types of its options. */
export function defineCommand<O extends Options>(command: Command<O>): Command<O> {
  return command;
}

/**
 * Runs a command: `--help` prints its help, an error its sentence, and the exit code of this process is set. A process
 * that nothing keeps alive ends then by itself.
 *
 * @param args default: the arguments of this process.
 */
export async function runCommand<O extends Options>(
  command: Command<O>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  try {
    const parsed = parseArguments(command, args);
    if (parsed === 'help') console.log(command.help);
    else process.exitCode = (await command.run(parsed.values, parsed.args)) ?? 0;
  } catch (error) {
    printError(error);
    process.exitCode = command.errorCode ?? 1;
  }
}

/**
 * Reads the arguments of a command.
 *
 * @returns the values of its options and its other arguments, or `help` if that was asked for.
 * @throws {UserError} a sentence about the first that is wrong, with the option that was meant where one is similar.
 */
export function parseArguments<O extends Options>(
  { name, options, maxArguments = 0 }: Pick<Command<O>, 'name' | 'options' | 'maxArguments'>,
  args: readonly string[],
): 'help' | { values: Values<O>; args: readonly string[] } {
  const known = { ...options, help: { type: 'boolean' } } as const;
  const help = `\`${name} -- --help\` lists what can be given`;
  for (const arg of args.slice(0, args.indexOf('--') >>> 0)) {
    const [option] = arg.split('=', 1) as [string];
    if (!option.startsWith('-') || option === '-' || Object.hasOwn(known, option.slice(2))) continue;
    const [meant] = Object.keys(known).filter((other) => isSimilar(option.replace(/^-+/, ''), other));
    throw new UserError(
      `There is no option "${option}": ${meant === undefined ? '' : `did you mean --${meant}? `}${help}.`,
    );
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true });
    if ((values as { help?: boolean }).help) return 'help';
    if (positionals.length > maxArguments) {
      throw new UserError(`There is no argument "${positionals[maxArguments]}": ${help}.`);
    }
    return { values: values as Values<O>, args: positionals };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [sentence] = (error as Error).message.split(/\. |\n/);
    throw new UserError(`${sentence?.replace(/\.$/, '')}: ${help}.`);
  }
}

/** Whether one word begins with the other, or differs from it in one character, in its order or in case. */
function isSimilar(a: string, b: string): boolean {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()];
  if (one === '' || one.startsWith(other) || other.startsWith(one)) return one !== '';
  if ([...one].sort().join('') === [...other].sort().join('')) return true;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  const rest = [one.slice(start), other.slice(start)] as const;
  return (
    rest[0].slice(1) === rest[1] || rest[0] === rest[1].slice(1) || rest[0].slice(1) === rest[1].slice(1)
  );
}

/** How often it is checked that npm is alive. */
const NPM_CHECK_MS = 500;

/**
 * Calls back once when the process is to end: by Ctrl-C, by a closed terminal, by `kill`, or because npm, which started
 * it, was killed.
 *
 * @param stop is given the exit code that a shell reports for the signal: 128 and its number.
 */
export function onStopSignal(stop: (exitCode: number) => void): void {
  let isStopping = false;
  const stopOnce = (exitCode: number): void => {
    if (!isStopping) stop(exitCode);
    isStopping = true;
  };
  for (const [signal, exitCode] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.on(signal, () => stopOnce(exitCode));
  }
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  setInterval(() => process.ppid !== parent && stopOnce(143), NPM_CHECK_MS).unref();
}

/**
 * Makes what prints each step of a command when it is done, with the seconds since now.
 *
 * @param print writes a line. Default: to standard output.
 */
export function createStepPrinter(print: (line: string) => void = console.log): (step: string) => void {
  const since = performance.now();
  return (step) => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    print(`${styleText('green', '✓')} ${step} ${styleText('dim', `${seconds} s`)}`);
  };
}

/** Prints why a command ends: the sentence of a {@link UserError}, any other error with its stack. */
export function printError(error: unknown): void {
  const text =
    error instanceof UserError ? styleText('red', error.message, { stream: process.stderr }) : error;
  console.error(text);
}

/**
 * Makes text from outside safe to print on one line of a terminal.
 *
 * @returns the text with control characters, line separators and directional marks written as `\u001b`.
 */
export function escapeControlCharacters(text: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, escaped);
}
