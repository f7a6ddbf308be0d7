import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { createStepPrinter, escapeControlCharacters, onStopSignal, runCommand, UserError } from '../cli.ts';
import { type DrillFault, FAULTS } from './faults.ts';
import { type DrillResult, startDrill } from './session.ts';

const HELP = `Practises on-call on this machine: breaks one thing while terminals log out,
shows what the terminals were answered and what the function logged, and waits
for Enter. Say what is broken, which alarm fires, and what you would do. Then it
shows the fault, with its alarm, saved query and section of the runbook.

  npm run drill                each fault, in a random order
  npm run drill -- FAULT …     these, in this order
  npm run drill -- --help      prints this

Faults:
  ${FAULTS.map(({ name }) => name).join('\n  ')}

It needs what npm start needs, takes free ports, and Ctrl-C ends it.

Exit code: 0, or 1 where a logout was lost or it could not start.`;

/** How often each terminal asks while something is broken. */
const REQUESTS_WHILE_BROKEN = 2;
const MAX_RAW_LINES = 3;

await runCommand({
  name: 'npm run drill',
  help: HELP,
  maxArguments: FAULTS.length,
  async run(_, names) {
    const faults = names.length > 0 ? names.map(findFault) : shuffle(FAULTS);
    const onProgress = createStepPrinter();
    const { build } = await import('../build/build.ts');
    await build();
    const session = await startDrill({ onProgress });
    onStopSignal((exitCode) => void session.close().finally(() => process.exit(exitCode)));
    session.failed.then((reason) => console.error(reason));
    const input = createInterface({ input: process.stdin });
    const answers = input[Symbol.asyncIterator]();
    try {
      let isLost = false;
      for (const [index, fault] of faults.entries()) {
        console.log(styleText('bold', `\n${index + 1} of ${faults.length}: something is broken.\n`));
        const result = await session.run(fault, REQUESTS_WHILE_BROKEN);
        printResult(result);
        process.stdout.write('What is broken? Which alarm, query and section? Enter shows it. ');
        await answers.next();
        console.log();
        await reveal(fault);
        isLost ||= result.terminals.some(({ isLoggedOut }) => !isLoggedOut);
      }
      return isLost ? 1 : 0;
    } finally {
      input.close();
      await session.close();
    }
  },
});

function findFault(name: string): DrillFault {
  const fault = FAULTS.find((each) => each.name === name);
  if (fault !== undefined) return fault;
  throw new UserError(
    `There is no fault "${name}": it may be ${FAULTS.map((each) => each.name).join(', ')}.`,
  );
}

function shuffle<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

function printResult({ terminals, lines }: DrillResult): void {
  for (const { terminal_id, terminal_type, answers, isLoggedOut } of terminals) {
    console.log(`${terminal_id} ${terminal_type}`);
    for (const answer of answers) console.log(`    ${answer}`);
    if (!isLoggedOut) console.log(styleText('red', '    LOST: the table has no logout'));
  }
  console.log(`\nWhat the function logged meanwhile, ${lines.length} lines:\n`);
  for (const line of lines.slice(0, MAX_RAW_LINES)) console.log(`${escapeControlCharacters(line)}\n`);
}

async function reveal({ breaks, logs, alarm, query, section }: DrillFault): Promise<void> {
  const { SAVED_QUERIES } = await import('../../infra/monitoring/queries.ts');
  const fields = Object.entries(logs).map(([name, value]) => `${name} ${value}`);
  const text = SAVED_QUERIES.find(({ id }) => id === query)?.text ?? '';
  console.log(`
${styleText('bold', breaks)}

Log line  ${fields.join(', ')}
Alarm     connection-logout-STAGE-${alarm}
Query     connection-logout-STAGE/${query}
${text.replace(/^/gm, '            ')}
Runbook   docs/runbook.md#${section}`);
}
