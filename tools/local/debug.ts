import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FUNCTION_FOLDER } from '../../infra/bundle.ts';
import { build } from '../build/build.ts';
import { UserError } from '../cli.ts';
import { parseCommand, portOf } from './command.ts';
import { freePort } from './ports.ts';
import { startLocalStack } from './stack.ts';
import { synthesize } from './synthesize.ts';
import type { LocalTemplate } from './template.ts';

/** Long enough to look around at a breakpoint: `npm start` ends a function that takes longer than its timeout. */
const ONE_HOUR = 3_600_000;

const HELP = `Runs what npm start runs, but the sources of lambda/ in place of the bundle, for a debugger to be attached.

  npm run debug              builds, starts, and prints a curl line; then set breakpoints in lambda/ and send it
  npm run debug -- --help    prints this

Requests take turns, since the one debugger is in the one process that runs them.

Variables: INSPECT_PORT, the debugger's port (default 9229; 0 for any free one), and those of npm start.`;

/**
 * `npm run debug`: what `npm start` runs, but with `lambda/handler.ts` itself in place of the bundle, which is minified,
 * and with a debugger's port (`INSPECT_PORT`, 9229 by default) in the function's process and no other.
 */
try {
  const command = parseCommand(process.argv.slice(2), process.env);
  if ('help' in command) {
    console.log(HELP);
    process.exit();
  }
  const inspectPort = await freePort(portOf(process.env, 'INSPECT_PORT', 9229), 'INSPECT_PORT', '127.0.0.1');
  // The stack cannot be synthesized without a bundle, although this run does not load it.
  await build();
  const stack = await startLocalStack({
    ...command.options,
    inspectPort,
    template: sources,
    stray: (line) => console.log(`function: ${line}`),
    served: ({ status, code, requestId }) => console.log(`${status} ${code} ${requestId}`),
  });
  const [{ id }] = stack.samples;
  console.log(`\ncurl -i -X PUT ${stack.url} -H 'content-type: application/json' -d '{"id":"${id}"}'\n`);
  console.log('Attach a debugger, set breakpoints in lambda/, and send the request. Ctrl-C ends everything.');
  const end = async (code: number): Promise<never> => {
    await stack.close();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
  void stack.failed.then((reason) => {
    console.error(reason);
    return end(1);
  });
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
}

/** The stack as it is, but for the code and the time that it may take. */
async function sources(): Promise<LocalTemplate> {
  const { route, function: deployed, table } = synthesize();
  const folder = join(FUNCTION_FOLDER, '../debug');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.mjs'), "export { handler } from '../../lambda/handler.ts';\n");
  return {
    route: { ...route, integrationTimeoutMs: ONE_HOUR },
    function: { ...deployed, folder, timeoutMs: ONE_HOUR },
    table,
  };
}
