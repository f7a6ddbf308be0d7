import { expect, test } from 'vitest';
import { withoutInspector } from '../../../tools/local/function-variables.ts';

test.each([
  [undefined, ''],
  ['', ''],
  ['--inspect', ''],
  ['--inspect-brk=127.0.0.1:9229', ''],
  ['--require ./x.cjs --inspect=0 --max-old-space-size=64', '--require ./x.cjs --max-old-space-size=64'],
  ['--inspect-port 9229 --import=./x.mjs', '--import=./x.mjs'],
  ['--require ./--inspect.cjs', '--require ./--inspect.cjs'],
])('withoutInspector leaves of the options "%s" only "%s"', (options, rest) => {
  expect(withoutInspector(options)).toBe(rest);
});
