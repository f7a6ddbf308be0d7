import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

/**
 * Makes synth check the stack by the rules of cdk-nag, and fail on a finding. What the stack does otherwise on purpose
 * is acknowledged where it is done, with the reason.
 *
 * A file of its own, which `app.ts` imports for the CDK command line only: to load and run the rules takes half a
 * second, and the local run deploys nothing.
 *
 * @param app the app, before its synth.
 */
export function addRulePacks(app: App): void {
  Validations.of(app).addPlugins(...rulePacks(app));
}

/**
 * @param app the app to be checked.
 * @returns a new instance of each pack, because an instance keeps its findings.
 */
export function rulePacks(app: App): [AwsSolutionsChecks, ServerlessChecks] {
  return [new AwsSolutionsChecks(app), new ServerlessChecks(app)];
}
