import { expect, test } from 'vitest';
import { escapeControlCharacters, UserError } from '../../tools/cli.ts';
import { runInProcess } from '../support/run-in-process.ts';

const command = (run: () => Promise<number | undefined>) => ({
  name: 'npm run try',
  help: 'What it does.',
  options: { table: { type: 'string' } } as const,
  run,
});

test.each([
  ['what its work returns', async () => 3, 3],
  ['0 where its work returns nothing', async () => undefined, 0],
  ['1 where its work fails', () => Promise.reject(new UserError('No.')), 1],
])('runCommand sets the exit code of the process to %s', async (_, run, exitCode) => {
  expect((await runInProcess(command(run), [])).exitCode).toBe(exitCode);
});

test('runCommand prints the help for --help, and does not do the work', async () => {
  const run = await runInProcess(
    command(() => Promise.reject(new Error('It ran.'))),
    ['--help'],
  );
  expect(run).toEqual({ exitCode: undefined, output: 'What it does.\n', errors: '' });
});

test.each([
  ['--tabel', "Unknown option '--tabel': `npm run try -- --help` lists what can be given.\n"],
  ['FILE', /^Unexpected argument 'FILE'.*: `npm run try -- --help` lists what can be given\.\n$/],
  ['--table', /^Option '--table <value>' argument missing: `npm run try -- --help` lists/],
])('runCommand refuses %s with a sentence', async (arg, sentence) => {
  const { exitCode, errors } = await runInProcess(
    command(async () => 0),
    [arg],
  );
  expect(exitCode).toBe(1);
  expect(errors).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence));
});

test('escapeControlCharacters escapes what would break or reorder a line of a terminal', () => {
  expect(escapeControlCharacters('a\u001b[2Jb\n\u2028\u202ec\u2066é')).toBe(
    'a\\u001b[2Jb\\u000a\\u2028\\u202ec\\u2066é',
  );
});
