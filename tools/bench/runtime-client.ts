import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../cli.ts';
import { BENCH_FOLDER } from './contenders.ts';

const VERSION = '4.0.2';
const FOLDER = join(BENCH_FOLDER, `aws-lambda-ric-${VERSION}`);
const CLIENT = join(FOLDER, 'node_modules/aws-lambda-ric/index.mjs');
/** The last that its build makes. */
const NATIVE = join(FOLDER, 'node_modules/aws-lambda-ric/rapid-client.node');

/** What its build runs. */
const TOOLS = ['g++', 'make', 'cmake', 'python3'];

const run = promisify(execFile);

/**
 * Finds AWS's runtime client, the program that runs a Node.js function inside Lambda. It is built on first use, in a
 * folder of its own: that takes a compiler and half a minute, which nobody else's `npm ci` should.
 *
 * @returns its path.
 * @throws {UserError} where it cannot be built, with what it lacks.
 */
export async function runtimeClient(): Promise<string> {
  if (existsSync(NATIVE)) return CLIENT;
  const missing: string[] = [];
  for (const tool of TOOLS) await run(tool, ['--version']).catch(() => missing.push(tool));
  if (missing.length > 0) {
    throw new UserError(
      `AWS's runtime client is built from source, and ${missing.join(', ')} is not on the PATH ` +
        '(Debian, Ubuntu: `apt-get install g++ make cmake python3`).',
    );
  }
  console.error(`Building aws-lambda-ric ${VERSION}, once: half a minute.`);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(
    join(FOLDER, 'package.json'),
    '{ "private": true, "allowScripts": { "aws-lambda-ric": true } }\n',
  );
  await run('npm', ['install', '--no-audit', '--no-fund', `aws-lambda-ric@${VERSION}`], {
    cwd: FOLDER,
  }).catch(({ stderr }: { stderr: string }) => {
    throw new UserError(
      `aws-lambda-ric ${VERSION} could not be built. npm last said:\n${stderr.slice(-2_000)}`,
    );
  });
  return CLIENT;
}
