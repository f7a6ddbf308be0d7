import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { runScript } from '../support/run-script.ts';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, unknown>;
}

interface Workflow {
  readonly on: Record<string, { inputs: { stage: { options: string[] } } }>;
  readonly permissions: Record<string, string>;
  readonly jobs: Record<
    string,
    { if?: string; needs?: string[]; permissions?: Record<string, string>; steps?: Step[] }
  >;
}

const PROJECT = join(import.meta.dirname, '../..');
const workflows = Object.fromEntries(
  globSync('.github/workflows/*.yml', { cwd: PROJECT }).map((path) => [
    path,
    parse(readFileSync(join(PROJECT, path), 'utf8')) as Workflow,
  ]),
);
const deploying = workflows['.github/workflows/deploy.yml'] as Workflow;
const jobs = Object.entries(workflows).flatMap(([path, workflow]) =>
  Object.entries(workflow.jobs).map(([name, { permissions = workflow.permissions, steps = [] }]) => ({
    name: `${name} of ${path}`,
    canGetToken: permissions['id-token'] === 'write',
    steps,
  })),
);

test.each(jobs.flatMap(({ steps }) => steps.flatMap(({ uses = [] }) => uses)))('%s is pinned', (uses) => {
  expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
});

test('no workflow runs with the rights of the repository on the code of a fork', () => {
  for (const { on } of Object.values(workflows)) expect(on).not.toHaveProperty('pull_request_target');
});

test.each(jobs.filter(({ canGetToken }) => canGetToken))(
  '$name, which can get credentials, runs no install script and builds nothing',
  ({ steps }) => {
    const commands = steps.map(({ run = '' }) => run).join('\n');
    for (const [install] of commands.matchAll(/npm (?:ci|install|i)\b.*/g)) {
      expect(install).toContain('--ignore-scripts');
    }
    for (const [deploy] of commands.matchAll(/cdk deploy.*/g)) {
      expect(deploy).toContain('--app cdk.out --build true');
    }
    expect(commands).not.toMatch(/cdk (synth|diff)|npm (run build|start|test)/);
  },
);

test('the job that reads the template of a pull request checks no code out, and has no credentials for a fork', () => {
  const { deployed } = deploying.jobs;
  expect(deployed?.steps?.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))).toEqual([]);
  expect(deployed?.if).toContain('github.event.pull_request.head.repo.full_name == github.repository');
});

test('a deployment comes after tests and difference, and its assembly is checked before there are credentials', () => {
  const { needs, steps = [], if: condition } = deploying.jobs.deploy ?? {};
  expect(needs).toEqual(['test', 'build', 'diff']);
  expect(condition).toBe("github.event_name != 'pull_request' && !cancelled() && !failure()");
  const order = [
    'check-assembly.mjs cdk.out',
    'configure-aws-credentials@',
    'cdk deploy',
    'npm run --silent smoke',
  ];
  const places = order.map((text) =>
    steps.findIndex(({ run = '', uses = '' }) => (run + uses).includes(text)),
  );
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('every stage that the workflow deploys is in cdk.json', () => {
  const { options } = deploying.on.workflow_dispatch?.inputs.stage ?? {};
  expect(options).toEqual(expect.arrayContaining(['staging', 'prod']));
  for (const stage of options ?? []) expect(Object.keys(cdkJson.context.stages)).toContain(stage);
});

/** Runs a step of deploy.yml, as GitHub does, and then prints a file. */
function runStep(name: string, printed: string, files: Record<string, string>, variables: object) {
  const steps = Object.values(deploying.jobs).flatMap(({ steps = [] }) => steps);
  const { run: script = 'exit 9' } = steps.find((step) => step.name === name) ?? {};
  return runScript(`${script}\ncat ${printed}`, files, { PATH: process.env.PATH ?? '', ...variables });
}

/** Runs the smoke test's step. @returns what the test is called with, and the client's key that it gets. */
function callSmoke(outputs: object, variables: object): string {
  const files = {
    npm: 'echo "$@"; touch key.pem',
    // In the place of jq, which is not on every machine: `.[].NAME`, and nothing where there is none.
    jq: `"${process.execPath}" -p "Object.values(require('./outputs.json'))[0]['$2'.split(' ')[0].slice(4)] ?? ''"`,
    'outputs.json': JSON.stringify({ 'connection-logout-prod': outputs }),
  };
  return runStep('Check the endpoint', 'key.pem', files, { CERT: '', KEY: '', ...variables }).stdout;
}

test('the smoke test calls the URL of the deployment', () => {
  const call = callSmoke({ Url: 'https://abc.example/logout' }, { AUTH: 'iam' });
  expect(call).toBe('run --silent smoke -- --url https://abc.example/logout --auth iam\n');
});

test('the smoke test connects to the stack, wherever DNS leads the domain, and shows its certificate', () => {
  const outputs = { Url: 'https://logout.example.com/logout', DnsTarget: 'd-1.example' };
  const call = callSmoke(outputs, { AUTH: 'none', CERT: 'certificate', KEY: 'key' });
  expect(call).toBe(
    `run --silent smoke -- --url ${outputs.Url} --auth none --connect-to d-1.example --cert cert.pem --key key.pem\nkey\n`,
  );
});

test.each([
  ['there is none yet', '(ValidationError) Stack with id connection-logout-prod does not exist', 0, '{}\n'],
  ['it may not be read, which ends the job', '(AccessDenied) not authorized', 1, ''],
])('the deployed template where %s', (_, error, status, stdout) => {
  const name = 'Read the deployed template, which is empty where there is no stack yet';
  const aws = `echo "${error}" >&2; exit 254`;
  const result = runStep(name, 'deployed.template.json', { aws }, { STAGE: 'prod' });
  expect(result).toMatchObject({ status, stdout, stderr: `${error}\n` });
});

test.each([
  ['an executable', '{"files":{"a":{"source":{"executable":["sh"]}}}}', 1],
  ['an executable, escaped', '{"files":{"a":{"source":{"execut\\u0061ble":["sh"]}}}}', 1],
  ['a Docker image', '{"dockerImages":{"a":{"source":{"directory":"."}}}}', 1],
  ['a file', '{"files":{"a":{"source":{"path":"a"}}},"dockerImages":{}}', 0],
])('an assembly is checked for assets that are commands, under whatever name: %s', (_, assets, status) => {
  const check = `"${process.execPath}" "${join(PROJECT, '.github/check-assembly.mjs')}" .`;
  expect(runScript(check, { 'manifest.json': '{}', 'list.txt': assets }).status).toBe(status);
  expect(runScript(check, { 'list.txt': assets }).status).toBe(1);
});
