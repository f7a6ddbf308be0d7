import { rmSync } from 'node:fs';
import { createApp } from '../../infra/app.ts';
import { type LocalTemplate, type Resource, readTemplate } from './template.ts';

/**
 * Synthesizes the stack in-process, as stage `local`, and reads its template. The bundle must have been built.
 *
 * @throws {SynthError} if there is no bundle.
 * @throws {Error} if the template holds what this machine cannot run.
 */
export function synthesize(): LocalTemplate {
  // There is no old version here that could give way to a new one by and by.
  return readTemplate(synthesizeStack({ stage: 'local', rollout: 'allAtOnce' }).resources);
}

/**
 * Synthesizes the stack in-process, to be run from the folder of its code, and leaves nothing behind.
 *
 * @param settings what a deployer would set.
 * @returns the stack's name and its resources by logical id.
 * @throws {SynthError} if there is no bundle, or a setting is wrong.
 */
function synthesizeStack(settings: Readonly<Record<string, string>>): {
  stackName: string;
  resources: Record<string, Resource>;
} {
  const app = createApp({
    ...settings,
    // CDK's own way for local runs: the template names the folder of the code, and nothing is copied.
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:disable-asset-staging': true,
  });
  const assembly = app.synth();
  const [stack] = assembly.stacks;
  // Read from a file, and only now.
  const resources = stack?.template.Resources ?? {};
  rmSync(assembly.directory, { recursive: true });
  return { stackName: stack?.stackName ?? '', resources };
}
