import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { afterAll, beforeAll, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { bundleFolder } from '../../infra/bundle.ts';
import { contextOf, type Resource, resources, synthTemplate } from './synth.ts';

const PROJECT = join(import.meta.dirname, '..', '..');

/** The settings of the stage `prod` in the checkout's `cdk.json`. */
const prod = { alarmEmail: 'on-call@example.com' };

/** A checkout after `npm ci`, in a folder of its own: without a bundle, and with settings of its own. */
let checkout = '';

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
  const context = { ...cdkJson.context, stages: contextOf(prod).stages };
  writeFileSync(join(checkout, 'cdk.json'), JSON.stringify({ ...cdkJson, context }));
  for (const name of ['package.json', 'tsconfig.json', 'infra', 'lambda', 'tools']) {
    cpSync(join(PROJECT, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(checkout, 'node_modules'));
});

afterAll(() => {
  rmSync(checkout, { recursive: true });
});

/** Resources without what only the command line adds, and without hashes of the bundle: the other may be older. */
function described(all: Record<string, Resource>) {
  const text = JSON.stringify(all)
    .replace(/(CurrentVersion)[0-9A-Fa-f]{40}/g, '$1')
    // The checkout has no history.
    .replace(/"COMMIT":"[0-9a-f]+",/, '');
  return Object.entries<Resource>(JSON.parse(text)).map(
    ([
      id,
      {
        Metadata: _,
        Properties: { Code: __, ...properties },
        ...rest
      },
    ]) => ({
      id,
      properties,
      ...rest,
    }),
  );
}

/** Runs the CDK command line. A proxy at a closed port makes every request fail. */
function synth() {
  const nowhere = 'http://127.0.0.1:9';
  return spawnSync('npx', ['cdk', 'synth', '--quiet'], {
    cwd: checkout,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: checkout,
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
    },
  });
}

test('a fresh checkout synthesizes: it builds the bundle, and needs no account, no credentials and no network', () => {
  const { status, stdout, stderr } = synth();
  expect({ status, output: stdout + stderr }).toEqual({
    status: 0,
    output: expect.not.stringMatching(/warn|error/i),
  });
  expect(() => bundleFolder(join(checkout, 'dist', 'lambda'))).not.toThrow();

  const file = join(checkout, 'cdk.out', 'connection-logout-prod.template.json');
  expect(described(JSON.parse(readFileSync(file, 'utf8')).Resources)).toEqual(
    described(resources(synthTemplate(prod))),
  );
});

test('wrong settings and unknown names end the app with a sentence each, and without a stack trace', () => {
  const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], {
    cwd: PROJECT,
    encoding: 'utf8',
    // As the CDK command line passes `-c name=value` on.
    env: { CDK_CONTEXT_JSON: JSON.stringify({ stage: 'dev', auth: 'open', timezone: 'UTC' }) },
  });
  expect(status).toBe(1);
  expect(stderr.split('\n')).toEqual([
    'auth is "open", but may be iam, jwt, lambda or none.',
    expect.stringContaining('timezone is "UTC", but there is no such setting.'),
    '',
  ]);
});

test('cdk.json has the feature flags that CDK recommends for a new project', () => {
  expect(cdkJson.context).toMatchObject(flags);
});
