import { readFileSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { SynthError } from './bundle.ts';
import { readSettings } from './settings.ts';
import { ConnectionLogoutStack } from './stack.ts';

/**
 * The feature flags of `cdk.json`, which the CDK command line passes on by itself. In-process they are read here, so
 * that tests and the local run see the template that is deployed. The stages' settings in the same file are left out:
 * neither depends on what a deployer writes there.
 */
const flags = Object.fromEntries(
  Object.entries(cdkJson.context).filter(([name]) => name.startsWith('@aws-cdk')),
);

/**
 * Creates the app with its one stack.
 *
 * @param context for a synth in-process: settings by name, as `-c name=value` passes them, or `stages` as in
 *   `cdk.json`. CDK's check of the template, which takes most of a second, is then left out. Default: what the CDK
 *   command line passes on, with that check.
 * @returns the app; `synth()` writes its template.
 * @throws {SynthError} when a setting is wrong or the bundle was not built.
 */
export function createApp(context?: Record<string, unknown>): App {
  const app = new App({
    context: { ...flags, ...context },
    builtinCloudFormationValidation: context === undefined,
  });
  const file = context === undefined ? cdkJson.context.stages : undefined;
  new ConnectionLogoutStack(app, readSettings(app.node.getAllContext(), file));
  return app;
}

/**
 * Creates the rules of cdk-nag, by which synth checks the stack and fails on a finding. What the stack does otherwise on
 * purpose is acknowledged where it is done, with the reason.
 *
 * @param app the app to be checked.
 * @returns new packs, because a pack keeps its findings. They are loaded here, since that takes half a second and the
 *   local run deploys nothing.
 */
export async function createRulePacks(app: App) {
  const { AwsSolutionsChecks, ServerlessChecks } = await import('cdk-nag');
  return [new AwsSolutionsChecks(app), new ServerlessChecks(app)] as const;
}

/** Refuses a name that occurs twice, such as that of a stage: JSON takes the last. JSON is YAML, which refuses it. */
async function checkCdkJson(): Promise<void> {
  const { parse } = await import('yaml');
  try {
    parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  } catch (error) {
    throw new SynthError(`cdk.json: ${(error as Error).message}`);
  }
}

if (import.meta.main) {
  try {
    await checkCdkJson();
    const app = createApp();
    Validations.of(app).addPlugins(...(await createRulePacks(app)));
    app.synth();
  } catch (error) {
    if (!(error instanceof SynthError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
