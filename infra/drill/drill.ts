// The drill is the tests' own tools in front of a person: the proxy that breaks the table, and the evaluator of alarms,
// whose rules the tests hold against AWS's pages. So it imports them from `test/support`, as nothing that is deployed
// may, and has no second copy.
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { buildOnce, explain, printStray, stepPrinter } from '../local/run.ts';
import { parseCommand } from './command.ts';
import type { Fault } from './faults.ts';
import { type DrillResult, drill, recordHealthy } from './game-day.ts';
import { headLines, METHOD, reportLines, summaryLines } from './report.ts';
import { Scene } from './scene.ts';
import type { DrillTemplate } from './template.ts';

/** Everything is gone within two seconds of Ctrl-C; what does not end by then ends with this process. */
const STOP_WITHIN_MS = 1_500;

/** What a shell makes of Ctrl-C and its like: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

let scene: Scene | undefined;
let isStopping = false;

for (const [signal, exitCode] of Object.entries(SIGNALS)) {
  process.on(signal, () => void stop(exitCode));
}

try {
  const command = parseCommand(process.argv.slice(2));
  if ('print' in command) {
    console.log(command.print);
  } else {
    await run(command.faults);
  }
} catch (error) {
  if (!isStopping) {
    explain(error);
    await stop(1);
  }
}

async function run(faults: readonly Fault[]): Promise<void> {
  const progress = stepPrinter();
  scene = await Scene.open({ synthesized: () => synthesized(progress), progress, stray: printStray });
  scene.failed.then((reason) => {
    console.error(styleText('red', reason, { stream: process.stderr }));
    return stop(1);
  });
  const { stackName } = scene.template;
  const healthy = await recordHealthy(scene);
  progress(`Terminals log out, and ${healthy.requests.length} healthy requests are recorded`);
  console.log(`\n${METHOD}`);

  const results: DrillResult[] = [];
  for (const fault of faults) {
    console.log(`\n${headLines(fault)}\n`);
    const result = await drill(fault, scene, healthy);
    results.push(result);
    console.log(reportLines(result, stackName));
  }
  console.log(`\n${summaryLines(results, stackName)}`);
  await stop(results.some(({ missing }) => missing.length > 0) ? 1 : 0);
}

/** Builds and synthesizes while DynamoDB Local starts: CDK takes a moment to load, so not before. */
async function synthesized(progress: (step: string) => void): Promise<DrillTemplate> {
  await buildOnce();
  const { synthesize } = await import('./template.ts');
  const template = synthesize();
  progress('The function is built, the stack synthesized');
  return template;
}

async function stop(exitCode: number): Promise<never> {
  isStopping = true;
  await Promise.race([scene?.close(), sleep(STOP_WITHIN_MS)]);
  process.exit(exitCode);
}
