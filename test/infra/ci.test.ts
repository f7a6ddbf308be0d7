import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runScript } from '../support/run-script.ts';

const CI = join(import.meta.dirname, '../../.ci/run');

/** Runs `.ci/run` on a machine that has these programs alone. @returns what was called, and what was printed as errors. */
function runCi(programs: Record<string, string>, variables: Record<string, string> = {}) {
  const files = {
    dirname: 'exec /usr/bin/dirname "$1"',
    env: '"$@"',
    npm: 'echo npm "$@"',
    'apt-get': 'echo apt-get "$@"',
    ...programs,
  };
  const { stdout, stderr, status } = runScript(`exec /bin/bash "${CI}"`, files, variables);
  const lines = stdout.trim().split('\n');
  return { calls: lines.map((line) => line.split(' ', 3).join(' ')), stderr, status };
}

const root = { id: 'echo 0' };
const user = { id: 'echo 1000', sudo: 'exit 1' };
const complete = { java: ':', mcs: ':' };
const installs = ['apt-get update -qq', 'apt-get install -y'];
const tested = ['npm ci --no-fund', 'npm test'];

test.each([
  ['installs nothing where all is there', complete, tested, 0],
  ['installs what is missing as root', root, [...installs, ...tested], 0],
  [
    'installs what is missing by sudo',
    { ...user, sudo: 'test "$1" = -n || "$@"' },
    [...installs, ...tested],
    0,
  ],
  ['tests what can be tested where it cannot install', user, tested, 0],
  ['ends where an installation fails', { ...root, 'apt-get': 'echo apt-get; exit 100' }, ['apt-get'], 100],
])('.ci/run %s', (_, programs, calls, status) => {
  expect(runCi(programs)).toMatchObject({ calls, status });
});

test('.ci/run says what is missing', () => {
  expect(runCi({ ...user, mcs: ':' }).stderr).toMatch(
    /^\.ci\/run: you are not root, .*: default-jre-headless\n$/,
  );
});

test('.ci/run runs the Node.js of the machine where that is asked for', () => {
  const programs = { ...complete, rm: 'echo rm "$@"' };
  expect(runCi(programs).calls).toEqual(tested);
  expect(runCi(programs, { WITHOUT_NODE: '1' }).calls).toEqual([
    tested[0],
    'rm -f node_modules/.bin/node',
    ...tested.slice(1),
  ]);
});
