import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { readCredentials, readVariable } from '../config.ts';
import { describeDifference } from './harmless-request.ts';
import { invokeFunction } from './invoke.ts';

/** What CodeDeploy invokes a hook with. */
interface HookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

const credentials = readCredentials();
const lambda = new LambdaClient({ credentials });
const codeDeploy = new CodeDeployClient({ credentials });

/**
 * The hook before traffic: invokes the new version with the harmless request and reports to CodeDeploy whether it
 * answered as it must. Where it did not, the deployment fails before any terminal has reached the version.
 *
 * Environment: `VERSION_ARN`, the new version.
 *
 * @throws when the result cannot be reported to CodeDeploy, which then waits for an hour and fails the deployment.
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
export async function handler(event: HookEvent): Promise<void> {
  const failure = await checkVersion(event.DeploymentId);
  await codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status: failure === undefined ? 'Succeeded' : 'Failed',
    }),
  );
  if (failure !== undefined) console.error(failure);
}

/** @returns why the version must not serve; `undefined` where it may. */
async function checkVersion(deploymentId: string): Promise<string | undefined> {
  try {
    return describeDifference(await invokeFunction(lambda, readVariable('VERSION_ARN'), deploymentId));
  } catch (error) {
    return String(error);
  }
}
