import { setTimeout } from 'node:timers/promises';
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

/** How long a call that is denied is repeated: a right that a deployment gives takes some seconds to arrive. */
const DENIED_RETRY_MS = 20_000;
const DENIED_DELAY_MS = 1_000;

/** How long a report may take, with the SDK's own retries. */
const REPORT_TIMEOUT_MS = 5_000;

const credentials = readCredentials();
const lambda = new LambdaClient({ credentials });
const codeDeploy = new CodeDeployClient({ credentials });

/**
 * The hook before traffic: invokes the new version with the harmless request and reports to CodeDeploy whether it
 * responded as it must. Where it did not, the log says why, and the deployment fails before any terminal has reached the
 * version.
 *
 * Environment: `VERSION_ARN`, the new version.
 *
 * @throws when the result cannot be reported to CodeDeploy, which then waits for an hour and fails the deployment.
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
export async function handler(event: HookEvent): Promise<void> {
  const failure = await checkVersion(event.DeploymentId);
  if (failure !== undefined) console.error(failure);
  await report(event, failure === undefined ? 'Succeeded' : 'Failed');
}

/** @returns why the version must not serve; `undefined` where it may. */
async function checkVersion(deploymentId: string): Promise<string | undefined> {
  try {
    const versionArn = readVariable('VERSION_ARN');
    return describeDifference(await retryDenied(() => invokeFunction(lambda, versionArn, deploymentId)));
  } catch (error) {
    return String(error);
  }
}

async function report(event: HookEvent, status: 'Succeeded' | 'Failed'): Promise<void> {
  const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = event;
  const result = { deploymentId, lifecycleEventHookExecutionId, status } as const;
  await retryDenied(() =>
    codeDeploy.send(new PutLifecycleEventHookExecutionStatusCommand(result), {
      abortSignal: AbortSignal.timeout(REPORT_TIMEOUT_MS),
    }),
  );
}

async function retryDenied<T>(call: () => Promise<T>): Promise<T> {
  const end = Date.now() + DENIED_RETRY_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error as Error).name.startsWith('AccessDenied') || Date.now() >= end) throw error;
    }
    await setTimeout(DENIED_DELAY_MS);
  }
}
