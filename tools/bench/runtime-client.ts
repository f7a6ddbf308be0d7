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
/** The last file that its build makes. */
const NATIVE = join(FOLDER, 'node_modules/aws-lambda-ric/rapid-client.node');

const run = promisify(execFile);

/**
 * Finds AWS's runtime client, the program that runs a Node.js function inside Lambda. It is built on first use, in a
 * folder of its own, since the project's `npm ci` should not need a compiler and some minutes.
 *
 * @returns its path.
 * @throws {UserError} when it cannot be built, with the reason.
 */
export async function findRuntimeClient(): Promise<string> {
  if (existsSync(NATIVE)) return CLIENT;
  console.error(`Building aws-lambda-ric ${VERSION}, on first use only: some minutes.`);
  try {
    await mkdir(FOLDER, { recursive: true });
    const project = { private: true, allowScripts: { 'aws-lambda-ric': true } };
    await writeFile(join(FOLDER, 'package.json'), JSON.stringify(project));
    await run('npm', ['install', '--no-audit', '--no-fund', `aws-lambda-ric@${VERSION}`], { cwd: FOLDER });
    return CLIENT;
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string };
    throw new UserError(
      `${stderr.slice(-2_000)}\naws-lambda-ric ${VERSION} could not be built. Its build needs g++, make, cmake and python3.`,
    );
  }
}
