import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { NagPack } from 'cdk-nag';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { addRulePacks, rulePacks } from '../../infra/rule-packs.ts';
import { type Combination, synthesizeAll } from './combinations.ts';
import { only, type Resource, resources } from './synth.ts';

let combinations: Combination[] = [];

beforeAll(() => {
  combinations = synthesizeAll();
});

/** Applies a rule to all combinations, and returns what breaks it, by the settings that do. */
function broken(rule: (combination: Combination) => unknown[]): Record<string, unknown[]> {
  return Object.fromEntries(
    combinations.map((one) => [one.name, rule(one)] as const).filter(([, found]) => found.length > 0),
  );
}

/** What is lost when it is deleted. */
const stateful = ['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup'];

/** What can be made again from the template. */
const stateless = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::CloudWatch::InsightRule',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::Events::Rule',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
];

test('cdk-nag has no open finding, whatever is set', () => {
  const findings = broken(({ synthesized: { app } }) =>
    rulePacks(app).flatMap((pack) => pack.validateScope(app).violations),
  );
  expect(findings).toEqual({});
});

test('every acknowledgement stands at one construct, has a reason, and is for something that would be found', () => {
  const wrong = broken(({ synthesized: { app } }) => {
    const found = new Set(rulePacks(app).flatMap((pack) => findingsBesidesAcknowledged(pack, app)));
    return acknowledgements(app).filter(
      ({ at, rule, reason }) =>
        at.split('/').length < 3 ||
        !/^[A-Z].{30,}[^ ]$/.test(reason) ||
        ![...found].some((one) => one.startsWith(`${rule} ${at}/`)),
    );
  });
  expect(wrong).toEqual({});
  expect(
    new Set(
      combinations.flatMap(({ synthesized }) => acknowledgements(synthesized.app).map(({ rule }) => rule)),
    ),
  ).toEqual(
    new Set([
      'AwsSolutions-APIG4',
      'AwsSolutions-IAM5[Resource::*]',
      expect.stringMatching(/^AwsSolutions-IAM5\[Resource::<LogoutFunction.*\.Arn>:\*\]$/),
      'Serverless-EventBusDLQ',
      'Serverless-LambdaAsyncFailureDestination',
      'Serverless-LambdaDLQ',
      'Serverless-LambdaTracing',
      'Serverless-SNSRedrivePolicy',
    ]),
  );
});

/** CDK writes some dependencies twice, and the ARNs that a deployer sets name an account. */
const IGNORED_RULES = ['W3005', 'W9013'];

test("AWS's rules for CloudFormation find no error, and no warning but of the two that are ignored", () => {
  // The package that CDK brings and runs at `cdk synth`. The registry does not have it by itself.
  const fromCdk = createRequire(import.meta.resolve('aws-cdk-lib'));
  const { CompositeEngine, TemplateContent } = fromCdk('@aws/cloudformation-validate');
  const engine = new CompositeEngine({});
  const findings = broken(({ settings: { production, rollout }, synthesized: { template } }) => {
    // The others hold fewer resources, and each takes a good part of a second.
    if (!production || rollout !== 'canary') return [];
    const content = new TemplateContent(JSON.stringify(template.toJSON()), 'template');
    const { status, diagnostics } = engine.validateTemplate(content);
    const found: { ruleId: string; severity: string }[] = diagnostics;
    return [
      ...(status === 'OK' ? [] : [status]),
      ...found.filter(({ ruleId, severity }) => severity !== 'INFO' && !IGNORED_RULES.includes(ruleId)),
    ];
  });
  expect(findings).toEqual({});
});

test('a finding that is not acknowledged ends synth', () => {
  const app = new App({ builtinCloudFormationValidation: false });
  onTestFinished(() => rmSync(app.outdir, { recursive: true }));
  new Topic(new Stack(app, 'Open'), 'WithoutTls');
  addRulePacks(app);
  expect(() => app.synth()).toThrow(/AwsSolutions-SNS3/);
});

test('resources with data outlive a production stack and are deleted with any other, and every type is listed as with or without data', () => {
  const wrong = broken(({ settings, synthesized }) => {
    const policy = settings.production ? 'Retain' : 'Delete';
    return Object.values(resources(synthesized.template)).filter(
      ({ Type, DeletionPolicy, UpdateReplacePolicy }) => {
        if (stateful.includes(Type)) return DeletionPolicy !== policy || UpdateReplacePolicy !== policy;
        // A version holds no data, but a rollback by hand needs the last one.
        if (Type === 'AWS::Lambda::Version') {
          return DeletionPolicy !== (settings.production ? 'RetainExceptOnCreate' : 'Delete');
        }
        return !stateless.includes(Type) || DeletionPolicy !== undefined;
      },
    );
  });
  expect(wrong).toEqual({});
});

test('the stack, its table and its data are protected together, in a production stage only', () => {
  const wrong = broken(({ settings: { production }, synthesized: { template, terminationProtection } }) => {
    const tables = Object.values(template.findResources('AWS::DynamoDB::Table'));
    const protections = tables.map(({ Properties }) => Properties.DeletionProtectionEnabled);
    return [terminationProtection, ...protections].filter((protection) => protection !== production);
  });
  expect(wrong).toEqual({});
});

test('gateway and permissions name the alias, and nothing but the gateway may call it', () => {
  const wrong = broken(({ synthesized: { template } }) => {
    const [alias, { Properties }] = only(template, 'AWS::Lambda::Alias');
    const [, integration] = only(template, 'AWS::ApiGatewayV2::Integration');
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission')).filter(
      // EventBridge starts the probe.
      ({ Properties }) => Properties.Principal !== 'events.amazonaws.com',
    );
    return [
      Properties.Name === 'live' || Properties,
      integration.Properties.IntegrationUri.Ref === alias || integration,
      permissions.filter(({ Properties }) => Properties.FunctionName.Ref === alias).length === 1 ||
        permissions,
      ...permissions.map(
        (permission) => permission.Properties.Principal === 'apigateway.amazonaws.com' || permission,
      ),
      ...permissions.map(
        (permission) => permission.Properties.SourceAccount?.Ref === 'AWS::AccountId' || permission,
      ),
    ].filter((right) => right !== true);
  });
  expect(wrong).toEqual({});
});

test('no resource depends on itself, directly or through others', () => {
  expect(broken(({ synthesized: { template } }) => circles(resources(template)))).toEqual({});
});

test('synth warns about an open route and about alarms without a subscriber, and about nothing else', () => {
  const wrong = broken(({ settings, synthesized: { warnings } }) => {
    const open = settings.auth.type === 'none' && !settings.domain?.truststore;
    const unheard = settings.production && settings.alarmEmail === undefined;
    const due = [
      open ? 'auth is "none"' : [],
      unheard ? 'Neither alarmEmail nor pageTopicArn is set' : [],
    ].flat();
    const asDue =
      warnings.length === due.length && due.every((text) => warnings.some((w) => w.startsWith(text)));
    return asDue ? [] : [warnings];
  });
  expect(wrong).toEqual({});
});

/** The ids of resources that depend on themselves, by references or by `DependsOn`. */
function circles(all: Record<string, Resource>): string[] {
  const needs = new Map(Object.entries(all).map(([id, resource]) => [id, references(resource)]));
  const reaches = (id: string, goal: string, seen = new Set<string>()): boolean =>
    (needs.get(id) ?? []).some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, goal, seen);
    });
  return [...needs.keys()].filter((id) => reaches(id, id));
}

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [inner];
    if (key === 'Fn::GetAtt') return [inner[0]];
    if (key === 'DependsOn') return [inner].flat();
    return references(inner);
  });
}

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
