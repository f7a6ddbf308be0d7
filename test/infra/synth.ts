import { rmSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../infra/app.ts';

/** One resource of a template, as plain data. */
export type Resource = ReturnType<Template['findResources']>[string];

/** Tokens of an issuer. These and the next are settings that need each other, as a deployer writes them. */
export const jwt = { auth: 'jwt', jwtIssuer: 'https://login.example.com/', jwtAudience: 'terminals' };
/** A host name of the deployer's own. */
export const domain = {
  domainName: 'logout.example.com',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/5f2b0f0e-1c2d-4e3f-8a9b-0c1d2e3f4a5b',
};
/** The same, for callers with a client certificate only. */
export const mutualTls = { ...domain, truststoreUri: 's3://trust/terminals/truststore.pem' };

/** Synthesizes the one stack with these settings, as the local run does. Warnings are returned, and not printed. */
export function synthStack(context: Record<string, unknown> = {}) {
  const app = createApp(context);
  const { stacks, directory } = silently(() => app.synth());
  const [stack] = stacks;
  if (stacks.length !== 1 || stack === undefined) throw new Error(`${stacks.length} stacks, not one`);
  const { stackName, environment, terminationProtection = false } = stack;
  const template = Template.fromJSON(stack.template);
  const warnings = stack.messages
    .filter(({ level }) => level === 'warning')
    .map(({ entry }) => String(entry.data).replace(/ \[ack: .*\]$/, ''));
  // CDK removes its folder when the process ends, but a worker of vitest is killed.
  rmSync(directory, { recursive: true });
  return { app, stackName, environment, terminationProtection, template, warnings };
}

/** The template of the stack with these settings. */
export function synthTemplate(context: Record<string, unknown> = {}): Template {
  return synthStack(context).template;
}

/** All resources by logical id. */
export function resources(template: Template): Record<string, Resource> {
  return template.toJSON().Resources;
}

/** The logical id and the resource of the only one of a type. Throws when there are none or several. */
export function only(template: Template, type: string): [id: string, resource: Resource] {
  const found = Object.entries(template.findResources(type));
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new Error(`${found.length} of ${type}, not one`);
  return first;
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
