import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import cdkJson from '../../cdk.json' with { type: 'json' };

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

describe('in a folder', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'workflow-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  /** Writes a program that prints what it was called with, and then runs a script. */
  function writeProgram(name: string, script: string): void {
    write(name, `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }

  /** Runs a step of deploy.yml, as GitHub does, with the programs of the folder first. */
  function runStep(name: string, variables: Record<string, string>) {
    const step = Object.values(deploying.jobs)
      .flatMap(({ steps = [] }) => steps)
      .find((step) => step.name === name);
    const env = { PATH: [folder, process.env.PATH].join(delimiter), ...variables };
    return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? 'exit 9'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
  }

  const CHECK = 'Check the endpoint';
  /** What the smoke test is called with after a deployment with these outputs. */
  function smokeArguments(outputs: object, variables: Record<string, string> = {}) {
    writeProgram('npm', 'printf "%s " "$@"');
    // In the place of jq, which is not on every machine: `.[].NAME`, and nothing where there is none.
    writeProgram(
      'jq',
      `exec "${process.execPath}" -p "Object.values(require('./outputs.json'))[0]['$2'.split(' ')[0].slice(4)] ?? ''"`,
    );
    write('outputs.json', JSON.stringify({ 'connection-logout-prod': outputs }));
    return runStep(CHECK, { AUTH: 'iam', CERT: '', KEY: '', ...variables }).stdout;
  }

  test('the smoke test calls the URL of the deployment', () => {
    expect(smokeArguments({ Url: 'https://abc.example/logout' })).toBe(
      'run --silent smoke -- --url https://abc.example/logout --auth iam ',
    );
  });

  test('the smoke test of a domain connects to the stack, wherever DNS leads, and shows its certificate', () => {
    const outputs = {
      Url: 'https://logout.example.com/logout',
      DnsTarget: 'd-1.execute-api.eu-west-1.amazonaws.com',
    };
    expect(smokeArguments(outputs, { AUTH: 'none', CERT: 'certificate', KEY: 'key' })).toBe(
      `run --silent smoke -- --url ${outputs.Url} --auth none --connect-to ${outputs.DnsTarget} --cert cert.pem --key key.pem `,
    );
    expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe('key\n');
  });

  const READ = 'Read the deployed template, which is empty where there is no stack yet';

  test('where no stack exists yet, everything in the template is new', () => {
    writeProgram(
      'aws',
      'echo "(ValidationError) Stack with id connection-logout-prod does not exist" >&2; exit 254',
    );
    expect(runStep(READ, { STAGE: 'prod' }).status).toBe(0);
    expect(readFileSync(join(folder, 'deployed.template.json'), 'utf8')).toBe('{}\n');
  });

  test('where the deployed template may not be read, the job fails and says why', () => {
    writeProgram('aws', 'echo "(AccessDenied) not authorized" >&2; exit 254');
    const { status, stderr } = runStep(READ, { STAGE: 'prod' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '(AccessDenied) not authorized\n' });
  });

  test.each([
    ['executable', '{"files":{"a":{"source":{"executable":["sh"]}}}}', 1],
    ['executable, escaped', '{"files":{"a":{"source":{"execut\\u0061ble":["sh"]}}}}', 1],
    ['Docker image', '{"dockerImages":{"a":{"source":{"directory":"."}}}}', 1],
    ['file', '{"files":{"a":{"source":{"path":"a"}}},"dockerImages":{}}', 0],
  ])('an assembly with an asset of the kind %s is checked, under whatever name', (_, assets, status) => {
    mkdirSync(join(folder, 'nested'));
    write('manifest.json', '{}');
    write('nested/list.txt', assets);
    const script = join(PROJECT, '.github/check-assembly.mjs');
    expect(spawnSync(process.execPath, [script, folder]).status).toBe(status);
  });

  test('a folder without an assembly is refused', () => {
    const script = join(PROJECT, '.github/check-assembly.mjs');
    expect(spawnSync(process.execPath, [script, folder]).status).toBe(1);
  });
});

describe('.ci/run', () => {
  /** Runs it on a machine that has these programs alone, each a script. @returns what was called and printed. */
  function run(programs: Record<string, string>, variables: Record<string, string> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'ci-'));
    const common = {
      dirname: 'exec /usr/bin/dirname "$1"',
      env: '"$@"',
      npm: 'echo npm "$@"',
      'apt-get': 'echo apt-get "$@"',
    };
    for (const [name, script] of Object.entries({ ...common, ...programs })) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    const script = join(PROJECT, '.ci/run');
    const { stdout, stderr, status } = spawnSync('/bin/bash', [script], {
      env: { PATH: folder, ...variables },
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    return { calls: stdout.split('\n').map((line) => line.split(' ').slice(0, 3).join(' ')), stderr, status };
  }

  const root = { id: 'echo 0' };
  const user = { id: 'echo 1000', sudo: 'exit 1' };
  const complete = { java: ':', mcs: ':' };
  const installs = ['apt-get update -qq', 'apt-get install -y'];
  const tested = ['npm ci --no-fund', 'npm test', ''];

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
    [
      'ends where an installation fails',
      { ...root, 'apt-get': 'echo apt-get; exit 100' },
      ['apt-get', ''],
      100,
    ],
  ])('%s', (_, programs, calls, status) => {
    expect(run(programs)).toMatchObject({ calls, status });
  });

  test('says what is missing', () => {
    expect(run({ ...user, mcs: ':' }).stderr).toMatch(
      /^\.ci\/run: you are not root, .*: default-jre-headless\n$/,
    );
  });

  test('runs the Node.js of the machine where that is asked for', () => {
    const programs = { ...complete, rm: 'echo rm "$@"' };
    expect(run(programs).calls).toEqual(tested);
    expect(run(programs, { WITHOUT_NODE: '1' }).calls).toEqual([
      tested[0],
      'rm -f node_modules/.bin/node',
      ...tested.slice(1),
    ]);
  });
});
