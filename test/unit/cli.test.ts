import { describe, expect, test } from 'vitest';
import { escapeControlCharacters, parseArguments, UserError } from '../../tools/cli.ts';
import { runInProcess } from '../support/run-in-process.ts';

const command = {
  name: 'npm run try',
  options: { table: { type: 'string' }, check: { type: 'boolean' } },
} as const;
const messageOf = (args: string[]) => {
  try {
    parseArguments(command, args);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return undefined;
};

describe('parseArguments', () => {
  test('returns the values of the options and the other arguments', () => {
    const { values, args } = parseArguments({ ...command, maxArguments: 1 }, ['--table', 'a', 'FILE']) as {
      values: object;
      args: string[];
    };
    expect([{ ...values }, args]).toEqual([{ table: 'a' }, ['FILE']]);
  });

  test('takes what follows -- for arguments, though it looks like options', () => {
    expect(parseArguments({ ...command, maxArguments: 1 }, ['--', '--odd-name.json'])).toMatchObject({
      args: ['--odd-name.json'],
    });
  });

  test('returns help where --help is among the arguments', () => {
    expect(parseArguments(command, ['--check', '--help'])).toBe('help');
  });

  test.each([
    ['--time-zone', 'There is no option "--time-zone": `npm run try -- --help` lists what can be given.'],
    [
      '--tabel',
      'There is no option "--tabel": did you mean --table? `npm run try -- --help` lists what can be given.',
    ],
    [
      '--tabl=x',
      'There is no option "--tabl": did you mean --table? `npm run try -- --help` lists what can be given.',
    ],
    [
      '-check',
      'There is no option "-check": did you mean --check? `npm run try -- --help` lists what can be given.',
    ],
    ['FILE', 'There is no argument "FILE": `npm run try -- --help` lists what can be given.'],
  ])('refuses %s and names what was meant where an option is similar', (arg, message) => {
    expect(messageOf([arg])).toBe(message);
  });

  test('refuses an option without its value', () => {
    expect(messageOf(['--table'])).toMatch(/^Option '--table <value>' argument missing: /);
  });
});

test.each([
  ['what its work returns', {}, async () => 3, 3],
  ['0 where its work returns nothing', {}, async () => undefined, 0],
  ['1 where its work fails', {}, () => Promise.reject(new UserError('No.')), 1],
  ['its own errorCode where its work fails', { errorCode: 2 }, () => Promise.reject(new UserError('No.')), 2],
])('runCommand sets the exit code of the process to %s', async (_, options, run, exitCode) => {
  const ran = await runInProcess({ name: 'npm run try', help: '', ...options, run }, []);
  expect(ran.exitCode).toBe(exitCode);
});

test('escapeControlCharacters escapes what would break or reorder a line of a terminal', () => {
  expect(escapeControlCharacters('a\u001b[2Jb\n\u2028\u202ec\u2066é')).toBe(
    'a\\u001b[2Jb\\u000a\\u2028\\u202ec\\u2066é',
  );
});
