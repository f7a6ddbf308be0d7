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
export type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** The values of a command's options, as `parseArgs` returns them. */
type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

/** A command that a user runs: `npm run NAME`. */
export interface Command<O extends Options> {
  /** As the user types it, such as `npm run smoke`. */
  readonly name: string;
  /** What `--help` prints. */
  readonly help: string;
  readonly options: O;
  /**
   * Does the work.
   *
   * @returns the exit code. Default: 0.
   */
  run(values: Values<O>): Promise<number | undefined>;
}

/**
 * Runs a command: `--help` prints its help, an error its sentence, and the exit code of this process is set. A process
 * that nothing keeps alive ends then by itself.
 *
 * @param args default: the arguments of this process.
 */
export async function runCommand<O extends Options>(
  { name, help, options, run }: Command<O>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  try {
    const { help: isHelp, ...values } = parseOptions(name, { ...options, help: { type: 'boolean' } }, args);
    if (isHelp) console.log(help);
    else process.exitCode = (await run(values as Values<O>)) ?? 0;
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
}

function parseOptions(name: string, options: Options, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\. |\n/);
    throw new UserError(`${sentence?.replace(/\.$/, '')}: \`${name} -- --help\` lists what can be given.`);
  }
}

/** How often it is checked that npm is alive. */
const NPM_CHECK_MS = 500;

/** Calls back when the process is to end: by Ctrl-C, a closed terminal or `kill`, or since npm, its parent, was killed. */
export function onStopSignal(stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  setInterval(() => process.ppid !== parent && stop(), NPM_CHECK_MS).unref();
}

/**
 * Makes what prints each step of a command when it is done, with the seconds that it took.
 *
 * @param print writes a line.
 * @returns a function of the step and of when it began, a value of `performance.now()`. Default: now.
 */
export function createStepPrinter(print: (line: string) => void): (step: string, startedAt?: number) => void {
  const createdAt = performance.now();
  return (step, startedAt = createdAt) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
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
