import { expect, test } from 'vitest';
import { parseCommand } from '../../../infra/drill/command.ts';
import { FAULTS } from '../../../infra/drill/faults.ts';
import { UserError } from '../../../infra/user-error.ts';

test.each([
  [[], FAULTS.map(({ name }) => name)],
  [['defect'], ['defect']],
  // In the order in which they are drilled, each once.
  [
    ['slow-table', 'defect', 'defect'],
    ['defect', 'slow-table'],
  ],
])('%j drills %j', (args, names) => {
  const command = parseCommand(args);
  expect('faults' in command && command.faults.map(({ name }) => name)).toEqual(names);
});

test('--help says how it is called, and --list which faults there are', () => {
  const printed = (args: string[]) => {
    const command = parseCommand(args);
    return 'print' in command ? command.print : '';
  };
  expect(printed(['--help'])).toMatch(/npm run drill -- NAME/);
  const listed = printed(['--list']).match(/^\S+/gm);
  expect(listed).toEqual(FAULTS.map(({ name }) => name));
});

test.each([
  [['defect', 'rain'], /^There is no fault "rain"\. There are: table-throttles, .*, slow-table\.$/],
  [['--fast'], /^There is no option "--fast": `npm run drill -- --help` lists what can be given\.$/],
])('%j is refused', (args, sentence) => {
  expect(() => parseCommand(args)).toThrow(UserError);
  expect(() => parseCommand(args)).toThrow(sentence);
});
