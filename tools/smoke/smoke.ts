import { styleText } from 'node:util';
import type { Credentials } from '../../lambda/config.ts';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import { explainAwsError, networkReason } from '../aws.ts';
import { defineCommand, escapeControlCharacters, runCommand, UserError } from '../cli.ts';
import { type Check, HARMLESS_REQUEST, listChecks, runCheck } from './checks.ts';
import { SmokeClient } from './client.ts';
import type { StackLogs } from './stack-logs.ts';
import { readTarget, TARGET_OPTIONS, type Target } from './target.ts';

const HELP = `Checks a deployed endpoint from outside, and leaves no trace in the table.

  npm run smoke -- --url URL                      a local or an open endpoint
  npm run smoke -- --url URL --auth iam           signs with SigV4
  npm run smoke -- --url URL --auth jwt           sends the token in TOKEN
  npm run smoke -- --url URL --stage prod         looks into the logs too

  --url URL        the base URL or the whole one, as the output Url shows it
  --auth HOW       iam, jwt, lambda or none (default none)
  --region REGION  the stack's region, for signatures and logs (default: that of
                   the host name, else AWS_REGION)
  --token TOKEN    with jwt and lambda (default: the variable TOKEN, which other
                   users of this machine cannot see)
  --cert FILE      a client certificate, PEM, where mutual TLS is on
  --key FILE       its key
  --stage STAGE    finds a request's lines in both logs of that stack, and runs
                   each saved query: CloudWatch must accept all of them. Bills
                   for what the queries read of the last hour
  --help           prints this

AWS credentials are those that the AWS SDK finds. With --stage they need
logs:DescribeQueryDefinitions, logs:FilterLogEvents, logs:StartQuery and
logs:GetQueryResults.

It sends some 12 requests for a connection that does not exist, so nothing is
written. They are in logs and metrics as any others.

Exit code: 0 when all is right, 1 when something is not, 2 when nothing was
checked: wrong arguments, no credentials, or no answer from the URL.`;

/** `npm run smoke`. */
export const smokeCommand = defineCommand({
  name: 'npm run smoke',
  help: HELP,
  options: { ...TARGET_OPTIONS, stage: { type: 'string' } },
  errorCode: 2,
  async run(values) {
    const target = readTarget(values, process.env);
    const logs = values.stage === undefined ? undefined : await findLogs(values.stage, target.region);
    const client = new SmokeClient(target, await findCredentials(target));
    try {
      return await smoke(client, target, logs);
    } finally {
      client.close();
      logs?.close();
    }
  },
});

// The SDK takes half a second to load: only where it is needed.

async function findCredentials({ access }: Target): Promise<() => Promise<Credentials>> {
  if (access.auth !== 'iam') return () => Promise.reject(new Error('Nothing is signed.'));
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  const credentials = defaultProvider();
  await credentials().catch((error) => {
    throw explainAwsError(error, 'sign requests with');
  });
  return credentials;
}

async function findLogs(stage: string, region: string | undefined): Promise<StackLogs> {
  const { StackLogs } = await import('./stack-logs.ts');
  return StackLogs.find(stage, region);
}

/** @returns the exit code. */
async function smoke(client: SmokeClient, target: Target, logs: StackLogs | undefined): Promise<number> {
  console.log(styleText('bold', `PUT ${target.origin}${ROUTE_PATH}`));
  const { status } = await client.send(HARMLESS_REQUEST).catch((error) => {
    throw new UserError(`Nothing answers at ${target.origin}: ${networkReason(error)}.`);
  });
  const checks = listChecks(client, target, logs);
  let failed = 0;
  for (const check of checks) {
    const since = performance.now();
    const differences = await runCheck(check);
    if (differences.length > 0) failed++;
    console.log(resultLines(check, differences, performance.now() - since));
  }
  console.log(
    failed === 0
      ? styleText('green', `\nAll ${checks.length} checks are right.`)
      : styleText('red', `\n${failed} of ${checks.length} checks are wrong.`),
  );
  if (target.access.auth === 'none' && (status === 401 || status === 403)) {
    console.log('The endpoint asks for credentials: give --auth iam, jwt or lambda.');
  }
  return failed === 0 ? 0 : 1;
}

function resultLines({ name, expected }: Check, differences: readonly string[], ms: number): string {
  const mark = differences.length === 0 ? styleText('green', '✓') : styleText('red', '✗');
  return [
    `${mark} ${name.padEnd(41)} ${expected.padEnd(26)} ${ms.toFixed(0).padStart(6)} ms`,
    ...differences.map((text) => styleText('red', `    ${escapeControlCharacters(text).slice(0, 600)}.`)),
  ].join('\n');
}

if (import.meta.main) await runCommand(smokeCommand);
