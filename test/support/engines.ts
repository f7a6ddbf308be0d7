import type { TestProject } from 'vitest/node';
import { UserError } from '../../tools/cli.ts';
import {
  ENGINE_NAMES,
  type Engine,
  type EngineName,
  findEngine,
  startEngine,
} from '../../tools/local/engine.ts';
import { type LocalTemplate, synthesize } from '../../tools/local/template.ts';
import { readVariables } from '../../tools/local/variables.ts';
import { findMissing } from './programs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the engine of this test run; tests take a table of their own: see `table.ts`. */
    dynamodbEndpoint: string;
    /** Every engine of this test run: the embedded one and AWS's own, where both are there. */
    engines: readonly (Engine & { readonly endpoint: string })[];
    /** The stack's template for the local run: synthesized once, since loading CDK takes a second in each process. */
    template: LocalTemplate;
  }
}

/**
 * Vitest's global setup: the template, and the engines on free ports, of which `DYNAMODB_ENGINE` chooses one. Unit tests
 * alone need neither.
 *
 * @returns what ends them after the last test.
 */
export default async function setup({
  vitest,
  provide,
}: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (vitest.projects.every(({ name }) => name === 'unit')) return undefined;
  provide('template', await synthesize());
  const { engines = ENGINE_NAMES } = readVariables({ DYNAMODB_ENGINE: process.env.DYNAMODB_ENGINE });
  const first = await findEngine(engines);
  const isEmbedded = first.name === 'dynoxide';
  const reference = isEmbedded && (await findAny(engines.filter((name) => name !== 'dynoxide')));
  const running = await Promise.all(
    [first, ...(reference ? [reference] : [])].map((engine) => startEngine(engine)),
  );
  const provided = running.map(({ engine, endpoint }) => ({ ...engine, endpoint }));
  provide('engines', provided);
  provide('dynamodbEndpoint', provided[0]?.endpoint ?? '');
  console.log(`Tables are in ${provided.map(({ title }) => title).join(' and ')}.`);
  const missing = [
    ...(isEmbedded && !reference ? ["the write on AWS's own DynamoDB Local (java 17 or docker)"] : []),
    ...findMissing(),
  ];
  if (missing.length > 0) console.log(`Not here, so not tested: ${missing.join(', ')}.`);
  return async () => {
    await Promise.all(running.map((engine) => engine.close()));
  };
}

async function findAny(names: readonly EngineName[]) {
  try {
    return await findEngine(names);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
