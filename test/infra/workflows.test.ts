import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, unknown>;
}

interface Workflow {
  readonly on: Record<string, unknown>;
  readonly permissions: Record<string, string>;
  readonly jobs: Record<string, { if?: string; permissions?: Record<string, string>; steps?: Step[] }>;
}

const PROJECT = join(import.meta.dirname, '../..');
const workflows = globSync('.github/workflows/*.yml', { cwd: PROJECT }).map((path) => {
  const workflow: Workflow = parse(readFileSync(join(PROJECT, path), 'utf8'));
  return { path, workflow };
});
const jobs = workflows.flatMap(({ path, workflow }) =>
  Object.entries(workflow.jobs).map(
    ([name, { if: condition = '', permissions = workflow.permissions, steps = [] }]) => ({
      name: `${name} of ${path}`,
      canGetToken: permissions['id-token'] === 'write',
      runsOnPullRequests:
        'pull_request' in workflow.on && condition !== "github.event_name != 'pull_request'",
      steps,
    }),
  ),
);

test.each(jobs.flatMap(({ steps }) => steps.flatMap(({ uses = [] }) => uses)))('%s is pinned', (uses) => {
  expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
});

test('no workflow runs with the rights of the repository on the code of a fork', () => {
  for (const { workflow } of workflows) expect(workflow.on).not.toHaveProperty('pull_request_target');
});

const withToken = jobs.filter(({ canGetToken }) => canGetToken);

describe.each(withToken)('$name, which can get credentials,', ({ steps, runsOnPullRequests }) => {
  const commands = steps.map(({ run = '' }) => run).join('\n');

  test('runs no install script', () => {
    for (const [install] of commands.matchAll(/npm (?:ci|install|i)\b.*/g)) {
      expect(install).toContain('--ignore-scripts');
    }
  });

  test('deploys what another job built', () => {
    for (const [deploy] of commands.matchAll(/cdk deploy.*/g)) {
      expect(deploy).toContain('--app cdk.out --build true');
    }
    expect(commands).not.toMatch(/cdk (synth|diff)|npm (run build|start|test)/);
  });

  test('has no code of a pull request', () => {
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    if (!runsOnPullRequests) return;
    for (const { with: input } of checkouts) {
      expect(input).toMatchObject({ ref: expect.stringContaining('pull_request.base.sha') });
    }
  });
});
