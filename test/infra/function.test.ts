import { rmSync } from 'node:fs';
import { App, FileSystem, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test, vi } from 'vitest';
import { LogoutFunction } from '../../infra/function.ts';
import { readSettings } from '../../infra/settings.ts';
import { ConnectionTable } from '../../infra/table.ts';
import { MAX_STORE_DURATION_MS } from '../../lambda/storage/client.ts';
import { existingTable, jwt, lambda, logoutFunction, mutualTls, only, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [, { Properties: properties }] = logoutFunction(template);
const [tableId] = only(template, 'AWS::DynamoDB::Table');

/** What the function needs beside the store: to parse, to respond and to log, at 0.29 of a CPU. */
const ROOM_MS = 2_000;

test.each([
  ['index.handler', 512, 10],
  ['hook.handler', 256, 90],
  ['probe.handler', 256, 90],
])(
  '%s has %i MB and %i s, runs on Node.js 24, on arm64, and Lambda writes JSON lines about it',
  (...expected) => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(functions).toHaveLength(3);
    const [handler, memory, timeout] = expected;
    expect(functions.find(({ Properties }) => Properties.Handler === handler)?.Properties).toMatchObject({
      MemorySize: memory,
      Timeout: timeout,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogFormat: 'JSON' },
    });
  },
);

test('each function is created after the policies of its role', () => {
  for (const { Properties, DependsOn } of Object.values(template.findResources('AWS::Lambda::Function'))) {
    const [role] = Properties.Role['Fn::GetAtt'];
    const policies = template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: role }] } });
    // CodeDeploy's group, which needs the hook first, is named in the policy of what the hook may report.
    const ids = Object.keys(policies).filter((id) => !id.startsWith('RolloutHookStatus'));
    expect(DependsOn).toEqual(expect.arrayContaining([role, ...ids]));
  }
});

test('the store gives up with two seconds left of the timeout of the function', () => {
  expect(MAX_STORE_DURATION_MS + ROOM_MS).toBeLessThanOrEqual(properties.Timeout * 1000);
});

test('by default the environment holds table, time zone, stage and kind of caller, and the commit where it is known', () => {
  const { COMMIT: _, ...variables } = properties.Environment.Variables;
  expect(variables).toEqual({ TABLE_NAME: { Ref: tableId }, TIME_ZONE: 'UTC', STAGE: 'prod', AUTH: 'iam' });
});

test.each([
  [{ stage: 'dev' }, { STAGE: 'dev' }],
  [{ timeZone: 'Europe/Madrid' }, { TIME_ZONE: 'Europe/Madrid' }],
  [existingTable, { TABLE_NAME: 'login-connections' }],
  [jwt, { AUTH: 'jwt' }],
  [lambda, { AUTH: 'lambda' }],
  [{ ...mutualTls, certificateSubject: 'terminal_id' }, { CERTIFICATE_SUBJECT: 'terminal_id' }],
])('%j reaches the environment of the function', (set, variables) => {
  const [, { Properties }] = logoutFunction(synthTemplate(set));
  expect(Properties.Environment.Variables).toEqual({ ...properties.Environment.Variables, ...variables });
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

test('reservedConcurrency limits the function, and by default there is no limit', () => {
  const [, limited] = logoutFunction(synthTemplate({ reservedConcurrency: 20 }));
  expect(limited.Properties.ReservedConcurrentExecutions).toBe(20);
  expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
});

test("the function writes to its own log group, and so does Lambda's platform", () => {
  expect(template.findResources('AWS::Logs::LogGroup')).toHaveProperty(properties.LoggingConfig.LogGroup.Ref);
});

test.each([
  [{}, 90],
  [{ logRetentionDays: '30' }, 30],
])('all log groups keep lines as long as the settings say (%j)', (set, days) => {
  const groups = Object.values(synthTemplate(set).findResources('AWS::Logs::LogGroup'));
  expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual([days, days, days, days]);
});

test('the output FunctionRole is the role of the function, which the policy of a key of the table can name', () => {
  expect(template.findOutputs('FunctionRole').FunctionRole?.Value).toEqual(properties.Role);
});

test('with another tableName the function is changed after a policy of its own, while the old version keeps its', () => {
  const ids = [{}, { tableName: 'old-table' }, { tableName: 'new-table' }].map((set) => {
    const template = synthTemplate(set);
    const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
    const [id] = policies.find(([, policy]) => JSON.stringify(policy).includes('dynamodb:UpdateItem')) ?? [];
    expect(logoutFunction(template)[1].DependsOn).toContain(id);
    return id;
  });
  expect(new Set(ids).size).toBe(3);
});
