import { vi } from 'vitest';
import { type Command, type Options, runCommand } from '../../tools/cli.ts';

/** What came of a command: its exit code, and what it printed on standard output and standard error. */
export interface CommandRun {
  readonly exitCode: unknown;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a command of `tools/` in this process, where its packages are loaded once for all tests.
 *
 * @param args what follows `npm run NAME --`.
 * @param environment all of the environment variables that it sees, beside the path.
 */
export async function runInProcess<O extends Options>(
  command: Command<O>,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandRun> {
  const { env, exitCode } = process;
  const printed = { log: '', error: '' };
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => {
      printed[name] += `${line}\n`;
    }),
  );
  process.env = { PATH: env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...environment };
  try {
    await runCommand(command, args);
    return { exitCode: process.exitCode, output: printed.log, errors: printed.error };
  } finally {
    process.env = env;
    process.exitCode = exitCode;
    for (const spy of spies) spy.mockRestore();
  }
}
