import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthTemplate } from '../synth.ts';

const run = promisify(execFile);
const runbook = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
const [first = ''] = runbook.split('\n## Symptoms\n');
const [names = '', ...blocks] = [...first.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);

let folder = '';
let environment: NodeJS.ProcessEnv = {};

/** Stands in for `aws`: it knows the outputs of the stack, and lets the real one, if `RUNBOOK_AWS_CLI` names it, check all other calls. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-'));
  const outputs = Object.keys(synthTemplate().findOutputs('*'));
  const stub = `#!/bin/sh
case "$*" in
  *describe-stacks*)
    key=$(printf %s "$*" | sed "s/.*OutputKey=='\\([A-Za-z]*\\)'.*/\\1/")
    case " ${outputs.join(' ')} " in *" $key "*) echo "the-$key" ;; *) echo "There is no output $key." >&2; exit 1 ;; esac ;;
  'logs tail '*) echo "aws $*" >> "$CALLS" ;;
  *)
    echo "aws $*" >> "$CALLS"
    echo d-1
    [ -z "$REAL_AWS" ] && exit 0
    # The CLI checks names and values by its models before it connects, which nothing accepts here.
    said=$("$REAL_AWS" "$@" --endpoint-url http://127.0.0.1:1 --no-sign-request 2>&1)
    case "$said" in *'Could not connect'*) ;; *) echo "$said" >&2; exit 1 ;; esac ;;
esac
`;
  writeFileSync(join(folder, 'aws'), stub);
  chmodSync(join(folder, 'aws'), 0o755);
  environment = {
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    HOME: folder,
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_MAX_ATTEMPTS: '1',
    // The path of an AWS CLI, which takes a second for each command, so only where it is asked for.
    REAL_AWS: process.env.RUNBOOK_AWS_CLI ?? '',
    CALLS: join(folder, 'calls'),
  };
});

afterAll(() => rmSync(folder, { recursive: true }));

test('the first command finds every output that it and the others name', async () => {
  const used = [...first.matchAll(/\$\(out (\w+)\)/g)].map(([, name]) => name);
  expect(used.length).toBeGreaterThan(5);
  const script = `set -eu\n${names}\n${used.map((name) => `out ${name}`).join('\n')}`;
  const { stdout } = await run('sh', ['-c', script], { env: environment });
  for (const name of used) expect(stdout).toContain(`the-${name}`);
});

test('every other command runs after the first one, with names from the outputs and valid arguments', async () => {
  expect(blocks.length).toBeGreaterThanOrEqual(7);
  for (const block of blocks) {
    await run('bash', ['-c', `set -euo pipefail\n${names}\n${block}`], { env: environment });
  }
  const calls = readFileSync(join(folder, 'calls'), 'utf8');
  expect(calls).toContain('aws deploy list-deployments --application-name the-RolloutApplication');
  expect(calls).toContain('aws lambda update-alias --function-name the-FunctionName --name live');
  expect(calls).toContain('aws apigatewayv2 update-stage --api-id the-AccessLog');
  expect(calls).toContain('--source-table-name the-TableName --target-table-name the-TableName-restored');
});
