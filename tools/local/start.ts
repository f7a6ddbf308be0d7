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
import { FunctionError, type OnLine } from './function.ts';
import { formatLogLine, formatOwnResponse } from './request-log.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { type LocalTemplate, synthesize, TABLE_NAME } from './template.ts';
import { readVariables } from './variables.ts';

/** Everything is gone within two seconds of Ctrl-C; what does not end by then ends with this process. */
const STOP_TIMEOUT_MS = 1_500;

/** Long enough to look around at a breakpoint. */
const INSPECT_TIMEOUT_MS = 3_600_000;

const OLD_CODE_STAYS = new UserError('The code from before this change still responds.');

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
  run: ({ inspect = false, raw = false }) => run(inspect, raw),
});

/** @returns the exit code, when it was stopped or cannot go on. */
async function run(inspect: boolean, raw: boolean): Promise<never> {
  let stack: LocalStack | undefined;
  onStopSignal(() => void stop(stack, 0));
  // With --raw standard output is for a program to read.
  const print = raw ? console.error : console.log;
  const printStep = createStepPrinter(print);
  const variables = readVariables(process.env);
  let toSourceStack = (text: string): string => text;

  const printLine: OnLine = (line, stream) => {
    if (stream === 'stderr') return printDimmed(escapeControlCharacters(toSourceStack(line)));
    if (raw) return console.log(line);
    print(formatLogLine(line, toSourceStack) ?? `function: ${escapeControlCharacters(line)}`);
  };
  const onOwnResponse = (status: number, requestId: string, reason: string): void => {
    print(formatOwnResponse(status, requestId, toSourceStack(reason)));
  };

  /** Builds and synthesizes while the engine starts: CDK and esbuild take a moment to load, so not before. */
  const template = async (): Promise<LocalTemplate> => {
    const [{ buildOnChange, buildWatch }, { mapStack }] = await Promise.all([
      import('../build/build.ts'),
      import('../build/stack-trace.ts'),
    ]);
    await buildWatch();
    await buildOnChange(
      ({ sourceMap }, startedAt) => {
        toSourceStack = (text) => mapStack(text, JSON.parse(sourceMap));
        // The first build comes before the stack.
        if (stack !== undefined) void reload(stack, startedAt);
      },
      (error) => {
        printError(error);
        printError(OLD_CODE_STAYS);
      },
    );
    const synthesized = await synthesize();
    printStep('The function is built, the stack synthesized');
    return inspect ? fromSources(synthesized) : synthesized;
  };
  const reload = async (stack: LocalStack, startedAt: number): Promise<void> => {
    try {
      await stack.reload();
      printStep('The function is built and loaded again', startedAt);
    } catch (error) {
      printError(describeError(error, toSourceStack));
      // With --inspect the old process had to free the debugger's port first.
      if (!inspect) printError(OLD_CODE_STAYS);
    }
  };

  try {
    stack = await startLocalStack({
      ...variables,
      isInspected: inspect,
      template,
      onProgress: printStep,
      onLine: printLine,
      onOwnResponse,
    });
  } catch (error) {
    printError(describeError(error, toSourceStack));
    process.exit(1);
  }
  const { restoreSamples } = stack;
  print(`\n${welcome(stack)}\n`);
  createInterface({ input: process.stdin }).on('line', async (line) => {
    if (line.trim() !== 'r') return;
    await restoreSamples();
    print('The sample connections are as they were at the start.');
  });
  printError(new UserError(await stack.failed));
  return stop(stack, 1);
}

/** The function from its sources, with time to look around. */
async function fromSources(synthesized: LocalTemplate): Promise<LocalTemplate> {
  const folder = join(dirname(FUNCTION_FOLDER), 'sources');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.mjs'), "export { handler } from '../../lambda/handler.ts';\n");
  return {
    ...synthesized,
    function: { ...synthesized.function, folder, timeoutMs: INSPECT_TIMEOUT_MS },
  };
}

function welcome({ method, url, engine, dynamodbEndpoint, samples }: LocalStack): string {
  const [{ item }] = samples;
  const body = JSON.stringify({ id: item.id, terminal_id: item.terminal_id });
  return [
    `${styleText('bold', 'URL')}       ${method} ${url}`,
    `${styleText('bold', 'DynamoDB')}  ${dynamodbEndpoint}, table ${TABLE_NAME}, by ${engine.title};`,
    '          any credentials and region',
    '',
    styleText('bold', 'terminal  connection                            what its logout shows'),
    ...samples.map(({ item, shows }) => `${item.terminal_id.padEnd(8)}  ${item.id}  ${shows}`),
    '',
    'Callers are not authenticated here, whatever the deployed route asks for. To log',
    'the first one out:',
    '',
    `curl -i -X ${method} ${url} -H 'content-type: application/json' -d '${body}'`,
    '',
    styleText('dim', 'Each request is shown here. `r` and Enter put the connections back.'),
    styleText('dim', 'Ctrl-C ends everything.'),
  ].join('\n');
}

function printDimmed(text: string): void {
  console.error(styleText('dim', text, { stream: process.stderr }));
}

/** @returns an error as it is to be printed: of a function that does not load, its own stack. */
function describeError(error: unknown, toSourceStack: (text: string) => string): unknown {
  return error instanceof FunctionError ? new UserError(toSourceStack(error.message)) : error;
}

async function stop(stack: LocalStack | undefined, exitCode: number): Promise<never> {
  await Promise.race([stack?.close(), sleep(STOP_TIMEOUT_MS)]);
  process.exit(exitCode);
}
