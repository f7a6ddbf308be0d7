import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { FUNCTION_FOLDER } from '../../infra/bundle.ts';
import {
  createStepPrinter,
  escapeControlCharacters,
  onStopSignal,
  printError,
  runCommand,
  UserError,
} from '../cli.ts';
import { findEngine, type RunningEngine, startEngine } from './engine.ts';
import { createEnvironment } from './environment.ts';
import { FunctionError, LocalFunction, type OnLine } from './function.ts';
import { startGateway } from './gateway.ts';
import { findFreePort } from './ports.ts';
import { formatLogLine, formatOwnResponse } from './request-log.ts';
import { createSamples, type SampleConnection } from './samples.ts';
import { createTable, putItems } from './table.ts';
import { LOCAL_TABLE_NAME, type LocalTemplate, synthesize } from './template.ts';
import { readVariables } from './variables.ts';

/** Long enough to look around at a breakpoint. */
const INSPECT_TIMEOUT_MS = 3_600_000;

const HELP = `Runs the service on this machine: the synthesized stack, with a local
DynamoDB for its table. A change of lambda/ is built and loaded at once.

  npm start                 builds, starts, and prints a curl line to try
  npm start -- --inspect    runs the sources instead of the bundle, with a
                            debugger's port, 9229
  npm start -- --raw        prints the log lines as CloudWatch gets them on
                            standard output, and all else on standard error
  npm start -- --help       prints this

A line \`r\` on standard input puts the sample connections back. Ctrl-C ends all.

Variables:
  PORT             port of HTTP on 127.0.0.1; 0 for any free one (default 3000)
  DYNAMODB_PORT    port of DynamoDB; 0 for any free one (default 8000)
  DYNAMODB_ENGINE  dynoxide, or java or docker for AWS's own DynamoDB Local
                   (default: the first of these that is there)
  TIME_ZONE        zone of dates without an offset, an IANA name (default UTC)
  AWS_ENDPOINT_URL_DYNAMODB
                   where the function finds DynamoDB, such as a proxy
                   (default: the local one)`;

await runCommand({
  name: 'npm start',
  help: HELP,
  options: { inspect: { type: 'boolean' }, raw: { type: 'boolean' } },
  async run({ inspect = false, raw = false }) {
    // What was started ends with this process.
    onStopSignal(() => process.exit(0));
    await start(inspect, raw).catch(async (error) => {
      // A signal to the group ends what was started too: this process's own is then on the way, and comes first.
      await sleep(100);
      printError(error);
    });
    process.exit(1);
  },
});

/**
 * Starts an engine with the table and sample connections, the function, and in front of it, last of all, HTTP.
 *
 * @throws {UserError} a sentence, when it cannot start, or cannot go on since the engine has ended.
 */
async function start(isInspected: boolean, isRaw: boolean): Promise<never> {
  // With --raw standard output is for a program to read.
  const print = isRaw ? console.error : console.log;
  const printStep = createStepPrinter(print);
  let toSourceStack = (text: string): string => text;
  const printLine: OnLine = (line, stream) => {
    if (stream === 'stderr') return printDimmed(escapeControlCharacters(toSourceStack(line)));
    if (isRaw) return console.log(line);
    print(formatLogLine(line, toSourceStack) ?? `function: ${escapeControlCharacters(line)}`);
  };

  const variables = readVariables(process.env);
  const port = await findFreePort(variables.port, 'PORT', '127.0.0.1');
  const dynamodbPort = await findFreePort(variables.dynamodbPort, 'DYNAMODB_PORT');
  const engine = await findEngine(variables.engines);
  let logout: LocalFunction | undefined;
  const load = async (): Promise<void> => {
    await logout?.load().catch((error) => {
      throw error instanceof FunctionError ? new UserError(toSourceStack(error.message)) : error;
    });
  };

  // CDK and esbuild take a moment to load: meanwhile the engine starts.
  const [database, template] = await Promise.all([
    startEngine(engine, dynamodbPort).then((running) => {
      printStep(`The table's engine is up: ${engine.title}`);
      return running;
    }),
    buildTemplate(
      async (mapStack, startedAt) => {
        toSourceStack = mapStack;
        if (logout === undefined) return;
        await load();
        printStep('The function is built and loaded again', startedAt);
      },
      (error) => {
        printError(error);
        // With --inspect the old process had to free the debugger's port first.
        if (!isInspected) printError(new UserError('The code from before this change still responds.'));
      },
    ),
  ]);
  printStep('The function is built, the stack synthesized');

  const samples = createSamples(new Date());
  const items = samples.map(({ item }) => item);
  const putSamples = () => putItems(database.endpoint, LOCAL_TABLE_NAME, items);
  await createTable(database.endpoint, LOCAL_TABLE_NAME, template.table);
  await putSamples();
  printStep(`Table ${LOCAL_TABLE_NAME} is there, with ${items.length} connections in it`);

  const { functionEndpoint = database.endpoint, timeZone } = variables;
  const loaded = new LocalFunction(
    {
      ...template.function,
      ...(isInspected && (await useSources())),
      variables: createEnvironment(template, functionEndpoint, timeZone),
    },
    printLine,
    isInspected,
  );
  logout = loaded;
  await load();
  const { route } = template;
  const { url } = await startGateway({
    route,
    port,
    invoke: (event) => loaded.invoke(event),
    onOwnResponse: (status, requestId, reason) =>
      print(formatOwnResponse(status, requestId, toSourceStack(reason))),
  });
  printStep('The function is loaded, and HTTP listens');

  print(`\n${welcome(`${route.method} ${url}`, database, samples)}\n`);
  createInterface({ input: process.stdin }).on('line', async (line) => {
    if (line.trim() !== 'r') return;
    await putSamples();
    print('The sample connections are as they were at the start.');
  });
  throw new UserError(await database.died);
}

/**
 * Builds, and synthesizes the stack.
 *
 * @param onBuild called after each build with what maps the places in a stack to the sources, and when it began.
 * @param onFailure called when a later build fails.
 */
async function buildTemplate(
  onBuild: (mapStack: (text: string) => string, startedAt: number) => Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<LocalTemplate> {
  const { buildOnChange, buildProbeAndHook } = await import('../build/build.ts');
  const { mapStack } = await import('../build/stack-trace.ts');
  await buildProbeAndHook();
  await buildOnChange(
    ({ sourceMap }, startedAt) => onBuild((text) => mapStack(text, JSON.parse(sourceMap)), startedAt),
    onFailure,
  );
  return synthesize();
}

/** The function from its sources, with time to look around. */
async function useSources(): Promise<Pick<LocalTemplate['function'], 'folder' | 'timeoutMs'>> {
  const folder = join(dirname(FUNCTION_FOLDER), 'sources');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.mjs'), "export { handler } from '../../lambda/handler.ts';\n");
  return { folder, timeoutMs: INSPECT_TIMEOUT_MS };
}

function welcome(
  route: string,
  { endpoint, engine }: RunningEngine,
  samples: readonly [SampleConnection, ...SampleConnection[]],
): string {
  const [{ item }] = samples;
  const body = JSON.stringify({ id: item.id, terminal_id: item.terminal_id });
  return [
    `${styleText('bold', 'URL')}       ${route}`,
    `${styleText('bold', 'DynamoDB')}  ${endpoint}, table ${LOCAL_TABLE_NAME}, by ${engine.title};`,
    '          any credentials and region',
    '',
    styleText('bold', 'terminal  connection                            what its logout shows'),
    ...samples.map(({ item, shows }) => `${item.terminal_id.padEnd(8)}  ${item.id}  ${shows}`),
    '',
    'Callers are not authenticated here, whatever the deployed route asks for. To log',
    'the first one out:',
    '',
    `curl -i -X ${route} -H 'content-type: application/json' -d '${body}'`,
    '',
    styleText('dim', 'Each request is shown here. `r` and Enter put the connections back.'),
    styleText('dim', 'Ctrl-C ends everything.'),
  ].join('\n');
}

function printDimmed(text: string): void {
  console.error(styleText('dim', text, { stream: process.stderr }));
}
