import { type App, Validations } from 'aws-cdk-lib';
import type { NagPack } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { createRulePacks } from '../../infra/app.ts';
import { domain, existingTable, jwt, lambda, mutualTls, resources, synthStack } from './synth.ts';

const alarmEmail = 'on-call@example.com';
const OPEN = 'auth is "none"';
const UNHEARD = 'Neither alarmEmail nor pageTopicArn is set';
const NO_LINK = 'runbookUrl is not set';

/** Stacks that hold every kind of caller, domain, table, stage and rollout, with the warnings of synth. */
const STACKS: readonly [set: Record<string, unknown>, production: boolean, warnings: string[]][] = [
  [{ alarmEmail, runbookUrl: 'https://wiki.example.com/logout' }, true, []],
  [{ ...jwt, ...mutualTls, certificateSubject: 'terminal_id', ...existingTable }, true, [UNHEARD, NO_LINK]],
  [{ auth: 'none', rollout: 'allAtOnce' }, true, [UNHEARD, OPEN, NO_LINK]],
  [{ stage: 'staging', auth: 'none', ...mutualTls }, false, []],
  [{ stage: 'dev', ...lambda, ...domain, alarmEmail, rollout: 'canary' }, false, []],
  [
    { stage: 'dev', production: true, pageTopicArn: 'arn:aws:sns:eu-west-1:123456789012:pager' },
    true,
    [NO_LINK],
  ],
];

/** What is lost when it is deleted. */
const STATEFUL = ['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup'];

/** What can be made again from the template. A type that is in neither list must be put into one. */
const STATELESS =
  /^AWS::((ApiGatewayV2|CloudWatch|CodeDeploy|Events|IAM|SNS)::\w+|Lambda::(Alias|EventInvokeConfig|Function|Permission)|Logs::(MetricFilter|QueryDefinition))$/;

/** What cdk-nag would find and is accepted, for a reason beside it. */
const ACKNOWLEDGED = [
  'AwsSolutions-APIG4',
  'AwsSolutions-IAM5[Resource::*]',
  expect.stringMatching(/^AwsSolutions-IAM5\[Resource::<LogoutFunction.*\.Arn>:\*\]$/),
  'Serverless-EventBusDLQ',
  'Serverless-LambdaAsyncFailureDestination',
  'Serverless-LambdaDLQ',
  'Serverless-LambdaTracing',
  'Serverless-SNSRedrivePolicy',
];

describe.each(STACKS)('with %j', (set, production, warnings) => {
  const { app, template, terminationProtection, warnings: written } = synthStack(set);
  const all = Object.values(resources(template));

  test('cdk-nag has no open finding', async () => {
    const packs = await createRulePacks(app);
    expect(packs.flatMap((pack) => pack.validateScope(app).violations)).toEqual([]);
  });

  test('every acknowledgement is listed, has a reason, and is for something that would be found there', async () => {
    const found = (await createRulePacks(app)).flatMap((pack) => findingsBesidesAcknowledged(pack, app));
    const all = acknowledgements(app);
    expect(all.length).toBeGreaterThan(5);
    for (const { at, rule, reason } of all) {
      expect(ACKNOWLEDGED).toContainEqual(rule);
      expect(reason).toMatch(/^[A-Z].{30,}[^ ]$/);
      expect(at.split('/').length, at).toBeGreaterThan(2);
      expect(
        found.some((one) => one.startsWith(`${rule} ${at}/`)),
        `${rule} ${at}`,
      ).toBe(true);
    }
  });

  test('what holds data outlives a production stack, is deleted with any other, and every type is listed', () => {
    const policy = production ? 'Retain' : 'Delete';
    for (const { Type, DeletionPolicy, UpdateReplacePolicy } of all) {
      if (STATEFUL.includes(Type)) {
        expect([DeletionPolicy, UpdateReplacePolicy], Type).toEqual([policy, policy]);
      } else if (Type === 'AWS::Lambda::Version') {
        // It holds no data, but a rollback by hand needs the last one.
        expect(DeletionPolicy).toBe(production ? 'RetainExceptOnCreate' : 'Delete');
      } else {
        expect(Type).toMatch(STATELESS);
        expect(DeletionPolicy, Type).toBeUndefined();
      }
    }
  });

  test('stack and table are protected from deletion in production only', () => {
    const tables = all.filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength('tableName' in set ? 0 : 1);
    const protections = tables.map(({ Properties }) => Properties.DeletionProtectionEnabled);
    expect(new Set([terminationProtection, ...protections])).toEqual(new Set([production]));
  });

  test('synth warns about an open route and about pages that reach no one or have no link, and about nothing else', () => {
    expect(written.toSorted()).toEqual(warnings.map((text) => expect.stringContaining(text)));
  });
});

/** Everything that was acknowledged in an app: where, which rule, and why. */
function acknowledgements(app: App): { at: string; rule: string; reason: string }[] {
  return app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries<string>(data))
      .map(([rule, reason]) => ({ at: node.path, rule: rule.replace(/^Annotation::/, ''), reason })),
  );
}

/** What a pack would find if nothing were acknowledged: the rule, a space, the construct and a slash. */
function findingsBesidesAcknowledged(pack: NagPack, app: App): string[] {
  // Its type hides it. Without it a pack could not be asked what an acknowledgement is for.
  Object.assign(pack, { isAcknowledged: () => false });
  return pack
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}/`),
    );
}
