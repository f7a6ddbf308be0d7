import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

/**
 * Makes synth hold the stack against the rules of cdk-nag, and fail on a finding. What the stack does otherwise on
 * purpose it acknowledges where it does it, with the reason.
 *
 * It stands apart from `app.ts`, which imports it for the CDK command line only: to load and run it takes half a
 * second, and nothing is deployed by the local run.
 *
 * @param app the app, before its synth.
 */
export function addRulePacks(app: App): void {
  Validations.of(app).addPlugins(...rulePacks(app));
}

/**
 * @param app the app to be checked.
 * @returns a new instance of each pack, since an instance keeps its findings.
 */
export function rulePacks(app: App): [AwsSolutionsChecks, ServerlessChecks] {
  return [new AwsSolutionsChecks(app), new ServerlessChecks(app)];
}
