import { rmSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../../infra/app.ts';

/** One resource of a template, as plain data. */
export type Resource = ReturnType<Template['findResources']>[string];

/** Synthesizes the one stack with these settings, as the local run does. */
export function synthStack(context: Record<string, unknown> = {}) {
  const { stacks, directory } = createApp(context).synth();
  const [stack] = stacks;
  if (stacks.length !== 1 || stack === undefined) throw new Error(`${stacks.length} stacks, not one`);
  const { stackName, environment, terminationProtection = false } = stack;
  const template = Template.fromJSON(stack.template);
  // CDK removes its folder when the process ends, but a worker of vitest is killed.
  rmSync(directory, { recursive: true });
  return { stackName, environment, terminationProtection, template };
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
