import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  type Fault,
  fail,
  failAfterWrite,
  halfAnswer,
  lateAfter,
  loseAnswer,
  notJson,
  pass,
  reset,
  silence,
} from '../local/faulty-dynamodb.ts';
import { synthesize } from '../local/synthesize.ts';
import { type CountedStack, startCountedStack } from './counted-stack.ts';
import { type Account, accountFor, type Entry } from './ledger.ts';
import { leaks } from './markers.ts';
import { Heaps, MOST_GROWTH, NODE_OPTIONS, WARM_UP } from './memory.ts';
import { ask, runTerminal } from './terminals.ts';

const HELP = `Keeps the service busy for a while, with faults between function and table, and accounts for every connection.

  npm run test:soak                    two minutes
  npm run test:soak -- --seconds 3600  longer, or shorter: 60 at least

Terminals log connections out over HTTP, over and over, as they do in the field: most repeat what was answered 503,
some give up, some race a twin, some are strangers. One in ten requests to the table meets a fault. At the end each
connection must be logged out once, as some 200 said, or be open and never acknowledged; one of which the terminal
was told that the outcome is unknown is asked for again, and must be settled by that. Nothing marked may be in the
log. The live heap of each of the function's processes, after two garbage collections, may grow by no more than
${MOST_GROWTH / 1e6} MB from the end of the warm-up, which is the first third and ${WARM_UP} s at least, to the end.

It exits with 0, or with 1 and a sentence for each violation.`;

/** How many terminals there are. */
const TERMINALS = 4;

/** How often the heaps are asked for, in milliseconds. */
const STEP = 5_000;

/** The faults, by how many of a thousand requests meet each. All others pass. */
const FAULTS: readonly (readonly [number, Fault])[] = [
  [20, loseAnswer],
  [15, fail(400, 'ThrottlingException')],
  [15, fail(400, 'ProvisionedThroughputExceededException')],
  [10, fail(500, 'InternalServerError')],
  [10, failAfterWrite(500, 'InternalServerError')],
  [10, reset],
  [10, halfAnswer],
  [8, notJson],
  [1, lateAfter(3_000)],
  [1, silence],
];

function anyFault(): Fault {
  let left = Math.random() * 1_000;
  for (const [share, fault] of FAULTS) {
    left -= share;
    if (left < 0) return fault;
  }
  return pass;
}

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, help: { type: 'boolean' } },
});
const seconds = Number(values.seconds);
if (values.help) {
  console.log(HELP);
} else if (!(seconds >= 60)) {
  console.error(`--seconds is "${values.seconds}": give a number of seconds, 60 at least.`);
  process.exitCode = 1;
} else {
  process.exitCode = (await soak()) ? 0 : 1;
}

/** @returns whether all is well. */
async function soak(): Promise<boolean> {
  const violations: string[] = [];
  const heaps = new Heaps();
  const entries: Entry[] = [];
  let isFaulty = true;

  const counted = await startCountedStack(
    {
      template: async () => withNodeOptions(synthesize()),
      raw: (line) => void violations.push(...leaks([line]).map((leak) => `The log tells too much: ${leak}`)),
      stray: (line) => {
        if (!heaps.hear(line)) violations.push(`The function printed what is no line of its log: ${line}`);
      },
    },
    () => (isFaulty ? anyFault() : pass),
  );
  try {
    const until = AbortSignal.timeout(seconds * 1_000);
    const terminals = Array.from({ length: TERMINALS }, () =>
      runTerminal(counted, (entry) => entries.push(entry), until).catch((error: unknown) => {
        violations.push(`A terminal met what may not be: ${error}`);
      }),
    );
    await watch(counted, heaps, entries, until);
    await Promise.all(terminals);

    isFaulty = false;
    await counted.settled();
    const accounts = await account(counted, entries, violations);
    violations.push(...grown(heaps));
    report(counted, entries, accounts, heaps);
  } finally {
    await counted.close();
  }

  for (const violation of violations.slice(0, 10)) console.error(violation);
  console.log(violations.length === 0 ? 'All is well.' : `${violations.length} violations.`);
  return violations.length === 0;
}

function withNodeOptions(template: ReturnType<typeof synthesize>): ReturnType<typeof synthesize> {
  const variables = { ...template.function.variables, NODE_OPTIONS };
  return { ...template, function: { ...template.function, variables } };
}

/** Shows how far it is, and asks for the heaps, until the time is over. */
async function watch(
  counted: CountedStack,
  heaps: Heaps,
  entries: readonly Entry[],
  until: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  let isWarm = false;
  while (!until.aborted) {
    await sleep(STEP, undefined, { signal: until }).catch(() => {});
    const passed = (performance.now() - startedAt) / 1_000;
    if (!isWarm && passed > Math.max(seconds / 3, WARM_UP)) {
      isWarm = true;
      heaps.forget();
    }
    heaps.ask(counted.stack.functionPids());
    // The processes tell when they have nothing else to do.
    await sleep(500);
    const answers = entries.flatMap(({ told }) => told);
    const unknown = answers.filter(({ status }) => status === 503).length;
    const columns = [
      `${Math.round(passed)} s of ${seconds}`,
      `${entries.length.toLocaleString('en')} connections`,
      `${answers.length.toLocaleString('en')} answers`,
      `${unknown.toLocaleString('en')} times 503`,
      `largest heap ${megabytes(heaps.largest)}`,
    ];
    console.log(columns.join('   '));
  }
}

/** Accounts for each connection, and settles those of which the outcome is unknown to the terminal. */
async function account(
  counted: CountedStack,
  entries: readonly Entry[],
  violations: string[],
): Promise<Readonly<Record<Account, number>>> {
  const accounts = { acknowledged: 0, unknown: 0, open: 0 };
  const items = new Map<unknown, Awaited<ReturnType<typeof counted.table.get>>>();
  for await (const item of counted.table.scan()) items.set(item.id, item);
  for (const entry of entries) {
    const item = items.get(entry.id);
    const result = accountFor(entry, item, counted.writes.get(entry.id) ?? 0);
    if ('violation' in result) {
      violations.push(result.violation);
      continue;
    }
    accounts[result.account] += 1;
    if (result.account === 'unknown') {
      const { status, date } = await ask(counted, entry, {});
      if (status !== 200 || date !== item?.date_logout)
        violations.push(`${entry.id}: the repeat settled nothing.`);
    }
  }
  return accounts;
}

function grown(heaps: Heaps): string[] {
  if (heaps.growth.length === 0) return ['No process told its heap after the warm-up.'];
  return heaps.growth
    .filter(({ first, last }) => last - first > MOST_GROWTH)
    .map(
      ({ pid, first, last }) =>
        `The heap of process ${pid} grew from ${megabytes(first)} to ${megabytes(last)}.`,
    );
}

function report(
  counted: CountedStack,
  entries: readonly Entry[],
  { acknowledged, unknown, open }: Readonly<Record<Account, number>>,
  heaps: Heaps,
): void {
  const number = (value: number) => value.toLocaleString('en');
  const answers = entries.reduce((sum, { told }) => sum + told.length, 0);
  console.log(`
${number(entries.length)} connections, ${number(answers)} answers over HTTP, ${number(counted.sent)} requests to the table.
${number(acknowledged)} logged out once, as a 200 said; ${number(unknown)} logged out once, unknown to the terminal until it repeated; ${number(open)} open and never acknowledged.
Live heaps after the warm-up and at the end: ${heaps.growth.map(({ first, last }) => `${megabytes(first)} to ${megabytes(last)}`).join(', ')}.`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
