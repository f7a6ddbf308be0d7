import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { onStopSignal } from '../cli.ts';
import { parseCommand } from './command.ts';
import type { ServedRequest } from './exchange.ts';
import { requestLine } from './request-log.ts';
import { buildOnce, explain, printStray, stepPrinter } from './run.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from './stack.ts';
import type { LocalTemplate } from './template.ts';

/** Everything is gone within two seconds of Ctrl-C; what does not end by then ends with this process. */
const STOP_WITHIN_MS = 1_500;

let stack: LocalStack | undefined;

onStopSignal(() => void stop(0));

try {
  const command = parseCommand(process.argv.slice(2), process.env);
  if ('help' in command) {
    console.log(command.help);
  } else {
    await run(command.options);
  }
} catch (error) {
  explain(error);
  process.exit(1);
}

async function run(options: LocalStackOptions): Promise<void> {
  const progress = stepPrinter();
  stack = await startLocalStack({
    ...options,
    template: () => synthesized(progress),
    progress,
    served,
    stray: printStray,
  });
  console.log(`\n${welcome(stack)}\n`);
  stack.failed.then((reason) => {
    console.error(styleText('red', reason, { stream: process.stderr }));
    return stop(1);
  });
}

/** Builds and synthesizes while DynamoDB Local starts: CDK takes a moment to load, so not before. */
async function synthesized(progress: (step: string) => void): Promise<LocalTemplate> {
  await buildOnce();
  const { synthesize } = await import('./synthesize.ts');
  const template = synthesize();
  progress('The function is built, the stack synthesized');
  return template;
}

function welcome({ method, url, dynamodbEndpoint, tableName, samples }: LocalStack): string {
  const [{ id, terminal_id }] = samples;
  const curl = `curl -i -X ${method} ${url} -H 'content-type: application/json' -d '${JSON.stringify({ id, terminal_id })}'`;
  return [
    `${styleText('bold', 'URL')}       ${method} ${url}`,
    `${styleText('bold', 'DynamoDB')}  ${dynamodbEndpoint}, table ${tableName}, any credentials and region`,
    '',
    'Callers are not authenticated here, whatever the deployed route asks for. To log a sample connection out:',
    '',
    curl,
    '',
    styleText('dim', 'One line a request follows. Ctrl-C ends everything.'),
  ].join('\n');
}

function served(request: ServedRequest): void {
  console.log(requestLine(request, new Date()));
  const trace = request.stack ?? request.report?.cause?.stack;
  if (trace !== undefined) {
    console.error(styleText('dim', trace.replace(/^/gm, '    '), { stream: process.stderr }));
  }
}

async function stop(exitCode: number): Promise<never> {
  await Promise.race([stack?.close(), sleep(STOP_WITHIN_MS)]);
  process.exit(exitCode);
}
