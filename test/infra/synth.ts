import { rmSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../infra/app.ts';

/** One resource of a template, as plain data. */
export type Resource = ReturnType<Template['findResources']>[string];

/** Settings that need each other, as a deployer writes them: callers with tokens. */
export const jwt = { auth: 'jwt', jwtIssuer: 'https://login.example.com/', jwtAudience: 'terminals' };
/** Callers that a Lambda authorizer accepts. */
export const lambda = {
  auth: 'lambda',
  authorizerArn: 'arn:aws:lambda:eu-west-1:123456789012:function:devices:live',
};
/** A host name of the deployer's own. */
export const domain = {
  domainName: 'logout.example.com',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/5f2b0f0e-1c2d-4e3f-8a9b-0c1d2e3f4a5b',
};
/** The same, for callers with a client certificate only. */
export const mutualTls = { ...domain, truststoreUri: 's3://trust/terminals/truststore.pem' };
/** An existing table with a customer's key. */
export const existingTable = {
  tableName: 'login-connections',
  tableKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/0f5b2e0f-3e4d-4c2b-9a8f-7d6e5c4b3a29',
};

/** The context of CDK where these settings are written in `cdk.json`, with those that production requires. */
export function toContext({ stage = 'prod', ...settings }: Record<string, unknown>): Record<string, unknown> {
  return {
    stage,
    stages: { [String(stage)]: { auth: 'iam', timeZone: 'UTC', tableName: null, ...settings } },
  };
}

const synthesized = new Map<string, ReturnType<typeof synthAnew>>();

/**
 * Synthesizes the stack with these settings, in-process, once: what is returned must not be changed. Warnings are
 * returned and not printed.
 */
export function synthStack(settings: Record<string, unknown> = {}): ReturnType<typeof synthAnew> {
  const key = JSON.stringify(settings);
  const stack = synthesized.get(key) ?? synthAnew(settings);
  synthesized.set(key, stack);
  return stack;
}

function synthAnew(settings: Record<string, unknown>) {
  const app = createApp(toContext(settings));
  const { stacks, directory } = silently(() => app.synth());
  const [stack] = stacks;
  if (stacks.length !== 1 || stack === undefined) throw new Error(`${stacks.length} stacks, not one`);
  const { stackName, environment, terminationProtection = false, tags } = stack;
  const template = Template.fromJSON(stack.template);
  const warnings = stack.messages
    .filter(({ level }) => level === 'warning')
    .map(({ entry }) => String(entry.data).replace(/ \[ack: .*\]$/, ''));
  // CDK removes its folder when the process ends, but a worker of vitest is killed.
  rmSync(directory, { recursive: true });
  return { app, stackName, environment, terminationProtection, tags, template, warnings };
}

/** The template of the stack with these settings. */
export function synthTemplate(settings: Record<string, unknown> = {}): Template {
  return synthStack(settings).template;
}

/** All resources by logical id. */
export function resources(template: Template): Record<string, Resource> {
  return template.toJSON().Resources;
}

/** The properties of each resource of a type, and its logical id as `id`. */
export function listProperties(template: Template, type: string): Resource[] {
  return Object.entries(template.findResources(type)).map(([id, { Properties }]) => ({ id, ...Properties }));
}

/** The logical id and the resource of the only one of a type. Throws when there are none or several. */
export function only(template: Template, type: string): [id: string, resource: Resource] {
  const found = Object.entries(template.findResources(type));
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new Error(`${found.length} of ${type}, not one`);
  return first;
}

/** The logical id and the resource of the function that the alias leads to. There are others beside it. */
export function logoutFunction(template: Template): [id: string, resource: Resource] {
  const [, alias] = only(template, 'AWS::Lambda::Alias');
  const id = alias.Properties.FunctionName.Ref;
  return [id, resources(template)[id] as Resource];
}

/** Writes a value with CloudFormation's functions resolved: `<Id>` for a reference, `<Id.Attribute>` for an attribute. */
export function writeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(writeValue).join(', ');
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (Array.isArray(join)) return join[1].map(writeValue).join(join[0]);
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  if (typeof ref === 'string') return `<${ref}>`;
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${writeValue(inner)}`)
    .join(' ');
}

function silently<T>(run: () => T): T {
  const print = console.error;
  console.error = () => {};
  try {
    return run();
  } finally {
    console.error = print;
  }
}
