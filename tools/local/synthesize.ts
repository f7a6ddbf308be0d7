import { rmSync } from 'node:fs';
import { createApp } from '../../infra/app.ts';
import { type LocalTemplate, readTemplate } from './template.ts';

/**
 * Synthesizes the stack in-process, as stage `local`, and reads its template. The bundle must have been built.
 *
 * @throws {SynthError} if there is no bundle.
 * @throws {Error} if the template holds what this machine cannot run.
 */
export function synthesize(): LocalTemplate {
  const app = createApp({
    stage: 'local',
    // There is no old version here that could give way to a new one.
    rollout: 'allAtOnce',
    // CDK's own way for local runs: the template names the folder of the code, and nothing is copied.
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:disable-asset-staging': true,
  });
  const { stacks, directory } = app.synth();
  try {
    return readTemplate(stacks[0]?.template.Resources ?? {});
  } finally {
    rmSync(directory, { recursive: true });
  }
}
