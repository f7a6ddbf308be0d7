import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { readSettings } from './settings.ts';
import { ConnectionLogoutStack } from './stack.ts';
import { SynthError } from './synth-error.ts';

/**
 * The feature flags of `cdk.json`. The CDK command line passes them on by itself. In-process they are read here, so
 * that a test or the local run sees the template that is deployed. A deployer's settings in the same file are left
 * out: a test of a default must not depend on them.
 */
const flags = Object.fromEntries(
  Object.entries(cdkJson.context).filter(([name]) => name.startsWith('@aws-cdk')),
);

/**
 * Makes the app with its one stack.
 *
 * @param context settings by name, as `-c name=value` would give them, for a synth in-process: without the settings of
 *   `cdk.json`, and without CDK's check of the template, which takes most of a second. Default: what the CDK command
 *   line passes on, and that check.
 * @returns the app; `synth()` writes its template.
 * @throws {SynthError} when a setting is wrong or the bundle was not built.
 */
export function createApp(context?: Record<string, unknown>): App {
  const app = new App({
    context: { ...flags, ...context },
    builtinCloudFormationValidation: context === undefined,
  });
  new ConnectionLogoutStack(app, readSettings(app.node.getAllContext()));
  return app;
}

if (import.meta.main) {
  try {
    const app = createApp();
    const { addRulePacks } = await import('./rule-packs.ts');
    addRulePacks(app);
    app.synth();
  } catch (error) {
    if (!(error instanceof SynthError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
