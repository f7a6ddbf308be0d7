import { styleText } from 'node:util';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { ROUTE_PATH } from '../../lambda/watch/harmless-request.ts';
import type { Credentials } from '../../lambda/watch/sign.ts';
import { UserError } from '../cli.ts';
import { parseCommand, type Target } from './command.ts';
import { type Report, reasonOf, smoke } from './run.ts';
import { headLine, resultLines, summaryLines } from './table.ts';

try {
  const command = parseCommand(process.argv.slice(2), process.env);
  if ('help' in command) {
    console.log(command.help);
  } else {
    await check(command.target);
  }
} catch (error) {
  const text = error instanceof UserError ? error.message : error;
  console.error(typeof text === 'string' ? styleText('red', text, { stream: process.stderr }) : text);
  process.exitCode = 2;
}

async function check(target: Target): Promise<void> {
  const credentials = await credentialsFor(target);
  console.log(
    `${styleText('bold', `PUT ${target.origin}${ROUTE_PATH}`)}, auth ${target.access.auth}\n\n${headLine()}`,
  );
  const report = await run(target, credentials);
  console.log(`\n${summaryLines(report)}`);
  const refused = report.results.filter(({ answer }) => answer?.status === 401 || answer?.status === 403);
  if (target.access.auth === 'none' && refused.length > 0) {
    console.log('It asks callers for credentials: give --auth iam or --auth jwt.');
  }
  process.exitCode = report.results.some(({ differences }) => differences.length > 0) ? 1 : 0;
}

async function run(target: Target, credentials: () => Promise<Credentials>): Promise<Report> {
  try {
    return await smoke(target, credentials, (result) => console.log(resultLines(result)));
  } catch (error) {
    throw new UserError(`Nothing answers at ${target.origin}: ${reasonOf(error)}.`);
  }
}

/** Asked before anything is sent, so that it is clear what is missing. */
async function credentialsFor({ access }: Target): Promise<() => Promise<Credentials>> {
  const provider = defaultProvider();
  if (access.auth !== 'iam') return provider;
  try {
    await provider();
    return provider;
  } catch (error) {
    throw new UserError(
      `There are no AWS credentials to sign with: ${(error as Error).message}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    );
  }
}
