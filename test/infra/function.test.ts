import { rmSync } from 'node:fs';
import { App, FileSystem, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test, vi } from 'vitest';
import { LogoutFunction } from '../../infra/function.ts';
import { readSettings } from '../../infra/settings.ts';
import { ConnectionTable } from '../../infra/table.ts';
import { MAX_STORE_DURATION_MS } from '../../lambda/storage/client.ts';
import { existingTable, listProperties, logoutFunction, only, resources, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [, { Properties: properties }] = logoutFunction(template);

/** What the function needs beside the store: to parse, to respond and to log, at 0.29 of a CPU. */
const ROOM_MS = 2_000;
/** The longest that Lambda lets the start of an environment take. */
const WORST_START_MS = 10_000;
/** What an HTTP API waits for an integration where the template does not say otherwise. */
const INTEGRATION_TIMEOUT_MS = 30_000;

test('the store gives up two seconds before the function, and that and the worst start before the gateway', () => {
  expect(MAX_STORE_DURATION_MS + ROOM_MS).toBeLessThanOrEqual(properties.Timeout * 1000);
  const [, { Properties }] = only(template, 'AWS::ApiGatewayV2::Integration');
  const { TimeoutInMillis = INTEGRATION_TIMEOUT_MS } = Properties;
  expect(WORST_START_MS + properties.Timeout * 1000).toBeLessThan(TimeoutInMillis);
});

test('probe and hook may take longer than what they wait for: the hook 41 s for an invocation, then 26 s for its report', () => {
  const functions = listProperties(template, 'AWS::Lambda::Function');
  const watch = functions.filter(({ Handler }) => ['probe.handler', 'hook.handler'].includes(Handler));
  expect(watch).toHaveLength(2);
  for (const { Timeout } of watch) expect(Timeout).toBeGreaterThan(41 + 26);
});

test('each function is created after the policies of its role, and the alias moves after all of them', () => {
  const all = Object.entries(resources(template));
  const policies = all.filter(([, { Type }]) => Type === 'AWS::IAM::Policy');
  for (const [, { Properties, DependsOn }] of all.filter(
    ([, { Type }]) => Type === 'AWS::Lambda::Function',
  )) {
    const [role] = Properties.Role['Fn::GetAtt'];
    // CodeDeploy's group, which needs the hook first, is named in the policy of what the hook may report.
    const own = policies.filter(
      ([id, policy]) => policy.Properties.Roles[0].Ref === role && !id.startsWith('RolloutHookStatus'),
    );
    expect(DependsOn).toEqual(expect.arrayContaining([role, ...own.map(([id]) => id)]));
  }
  const rights = all.filter(([id, { Type }]) => id.startsWith('Rollout') && /IAM::(Role|Policy)$/.test(Type));
  const [, alias] = only(template, 'AWS::Lambda::Alias');
  expect(alias.DependsOn).toEqual(expect.arrayContaining(rights.map(([id]) => id)));
});

describe('the version of the function', () => {
  /** Builds the function alone. @returns the ids of its versions, and its commit. */
  const build = (commit: string, set = {}) => {
    const settings = readSettings({ stage: 'dev', ...set });
    const { account, region } = settings;
    // CDK's own check of the template takes seconds.
    const app = new App({ builtinCloudFormationValidation: false });
    const stack = new Stack(app, 'Stack', { ...(account && region && { env: { account, region } }) });
    const table = new ConnectionTable(stack, 'Table', settings);
    new LogoutFunction(stack, 'Logout', { settings, commit, table });
    const template = Template.fromStack(stack);
    rmSync(app.outdir, { recursive: true });
    const [, { Properties }] = only(template, 'AWS::Lambda::Function');
    const [mapping, ...keys] = Properties.Environment.Variables.COMMIT?.['Fn::FindInMap'] ?? [];
    expect(keys).toEqual(mapping ? ['Function', 'Commit'] : []);
    return {
      version: only(template, 'AWS::Lambda::Version')[0],
      commit: template.findMappings('*')[mapping]?.Function.Commit,
    };
  };

  test('is the same for another commit that changes nothing in the bundle', () => {
    const [first, second] = [build('0123456789ab'), build('ba9876543210')];
    expect(second.version).toBe(first.version);
    expect([first.commit, second.commit]).toEqual(['0123456789ab', 'ba9876543210']);
  });

  test('is another one with another environment', () => {
    expect(build('', { timeZone: 'Europe/Madrid' }).version).not.toBe(build('').version);
  });

  test('is the same where the stage names its account and region, since Lambda publishes nothing twice', () => {
    const place = { account: '123456789012', region: 'eu-west-1' };
    expect(build('', place).version).toBe(build('').version);
  });

  test('is another one with another byte of the bundle', () => {
    const fingerprint = vi.spyOn(FileSystem, 'fingerprint').mockReturnValue('other');
    const changed = build('').version;
    fingerprint.mockRestore();
    expect(build('').version).not.toBe(changed);
  });

  test('names no commit where none is known', () => {
    expect(build('').commit).toBeUndefined();
  });
});

test('with another tableName the function is changed after a policy of its own, while the old version keeps its', () => {
  const another = { ...existingTable, tableName: 'other-connections' };
  const ids = [{}, existingTable, another].map((set) => {
    const template = synthTemplate(set);
    const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
    const [id] = policies.find(([, policy]) => JSON.stringify(policy).includes('dynamodb:UpdateItem')) ?? [];
    expect(logoutFunction(template)[1].DependsOn).toContain(id);
    return id;
  });
  expect(new Set(ids).size).toBe(3);
});
