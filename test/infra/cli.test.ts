import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { createApp } from '../../infra/app.ts';
import { domain, resources, synthTemplate, toContext } from './synth.ts';

const PROJECT = join(import.meta.dirname, '..', '..');

/** The settings of the stage `prod` in the checkout's `cdk.json`. */
const prod = {
  account: '123456789012',
  region: 'eu-west-1',
  alarmEmail: 'on-call@example.com',
  runbookUrl: 'https://wiki.example.com/logout',
  ...domain,
};

/** A checkout after `npm ci`, as from a tarball: without git, without a bundle, and with settings of its own. */
let checkout = '';

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
  for (const name of ['package.json', 'tsconfig.json', 'infra', 'lambda', 'tools']) {
    cpSync(join(PROJECT, name), join(checkout, name), { recursive: true });
  }
  writeCdkJson(JSON.stringify(toContext(prod).stages));
  symlinkSync(join(PROJECT, 'node_modules'), join(checkout, 'node_modules'));
});

afterAll(() => {
  rmSync(checkout, { recursive: true });
});

/** Writes the project's cdk.json with other stages, as JSON. */
function writeCdkJson(stages: string): void {
  const text = JSON.stringify({ ...cdkJson, context: { ...cdkJson.context, stages: 'STAGES' } });
  writeFileSync(join(checkout, 'cdk.json'), text.replace('"STAGES"', stages));
}

/** Runs the app as the CDK command line does, at a stage that needs no settings. */
function runApp() {
  const env = { PATH: process.env.PATH, CDK_CONTEXT_JSON: '{"stage":"dev"}' };
  const { status, stderr } = spawnSync('sh', ['-c', cdkJson.app], { cwd: checkout, encoding: 'utf8', env });
  return { status, stderr };
}

test('a fresh checkout synthesizes by itself what the tests see, and needs no account, credentials, git or network', () => {
  // A proxy at a closed port makes every request fail.
  const nowhere = 'http://127.0.0.1:9';
  const { status, stdout, stderr } = spawnSync('npx', ['cdk', 'synth', '--quiet'], {
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
  expect({ status, output: stdout + stderr }).toEqual({
    status: 0,
    output: expect.not.stringMatching(/warn|error/i),
  });
  const file = join(checkout, 'cdk.out', 'connection-logout-prod.template.json');
  const synthesized = JSON.parse(readFileSync(file, 'utf8'));
  expect(withoutCode(synthesized.Resources)).toEqual(withoutCode(resources(synthTemplate(prod))));
  expect(synthesized).not.toHaveProperty('Mappings');
});

/** Resources without hashes of the bundle, which may be older here, the commit, and what only the command line adds. */
function withoutCode(all: object): unknown {
  const text = JSON.stringify(all, (name, value) =>
    ['Metadata', 'Code', 'COMMIT'].includes(name) ? undefined : value,
  );
  return JSON.parse(text.replace(/(CurrentVersion)[0-9A-Fa-f]{40}/g, '$1'));
}

test('two blocks of one stage in cdk.json end the app with a sentence and no stack trace, since JSON takes the last', () => {
  writeCdkJson('{"prod": {"auth": "iam"}, "prod": {"auth": "none"}}');
  const { status, stderr } = runApp();
  expect(status).toBe(1);
  expect(stderr).toMatch(/^cdk\.json: Map keys must be unique at line/);
  expect(stderr).not.toContain('    at ');
});

test('a table that breaks a rule of cdk-nag and one of CloudFormation ends the app, which names both', () => {
  writeCdkJson('{}');
  cpSync(join(PROJECT, 'dist'), join(checkout, 'dist'), { recursive: true });
  const file = join(checkout, 'infra/table.ts');
  const table = readFileSync(file, 'utf8')
    .replace('RecoveryEnabled: true', 'RecoveryEnabled: false')
    .replace('AttributeType.STRING', "'TEXT' as AttributeType");
  writeFileSync(file, table);
  const { status, stderr } = runApp();
  expect(status).toBe(1);
  expect(stderr).toContain('AwsSolutions-DDB3');
  expect(stderr).toContain("AttributeType: 'TEXT' is not one of ['B', 'N', 'S'] (CloudFormation Validate)");
});

test('what another file than cdk.json says of a production stage is refused', () => {
  const { stages } = toContext({ stage: 'live' });
  vi.stubEnv('CDK_CONTEXT_JSON', JSON.stringify({ stage: 'live', stages }));
  vi.stubEnv('CDK_OUTDIR', join(checkout, 'cdk.out'));
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(() => createApp()).toThrow(
    'auth is "iam" by a flag or another file, but may be set only in context.stages.live of cdk.json, since live is production.',
  );
});

test('cdk.json has the feature flags that CDK recommends for a new project', () => {
  expect(cdkJson.context).toMatchObject(flags);
});
