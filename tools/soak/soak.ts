import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, UserError } from '../cli.ts';
import { pass } from '../local/faulty-dynamodb.ts';
import { synthesize } from '../local/synthesize.ts';
import type { Item } from '../local/table.ts';
import { findLeaks } from './connections.ts';
import { type CountedStack, startCountedStack } from './counted-stack.ts';
import { randomFault } from './faults.ts';
import { Heaps, MAX_GROWTH_BYTES, MIN_WARM_UP_SECONDS, NODE_OPTIONS } from './heaps.ts';
import { type Entry, type EntryState, judgeEntry } from './ledger.ts';
import { ask, runTerminal } from './terminals.ts';

const MIN_SECONDS = 60;
const TERMINALS = 4;

/** How often progress is printed and the heaps are requested. */
const REPORT_INTERVAL_MS = 5_000;

const HELP = `Keeps the service busy, with faults between function and table, and
accounts for every connection.

  npm run soak                      two minutes
  npm run soak -- --seconds 3600    longer, or shorter: ${MIN_SECONDS} at least
  npm run soak -- --help            prints this

Terminals log connections out over HTTP. Most repeat what was answered 503,
some give up, some race a twin, some are not the connection's terminal. One in
ten requests to the table meets a fault. At the end each connection must be
logged out once, as a 200 said, or be open and never acknowledged. Where the
terminal only got 503 and the logout was written, a repeat must return it.
Nothing marked may be in the log. The live heap of each process may grow by at
most ${MAX_GROWTH_BYTES / 1e6} MB after its warm-up: a third of the time, ${MIN_WARM_UP_SECONDS} s at least.

Exits with 1 and a sentence for each violation.`;

await runCommand({
  name: 'npm run soak',
  help: HELP,
  options: { seconds: { type: 'string', default: '120' } },
  async run(values) {
    const seconds = Number(values.seconds);
    if (!(seconds >= MIN_SECONDS)) {
      throw new UserError(`--seconds is "${values.seconds}": give a number, ${MIN_SECONDS} at least.`);
    }
    const violations = await soak(seconds);
    for (const violation of violations.slice(0, 10)) console.error(violation);
    console.log(violations.length === 0 ? 'No violations.' : `Violations: ${violations.length}.`);
    return violations.length === 0 ? 0 : 1;
  },
});

/** @returns a sentence for each violation. */
async function soak(seconds: number): Promise<string[]> {
  const violations: string[] = [];
  const heaps = new Heaps(Math.max(seconds / 3, MIN_WARM_UP_SECONDS));
  const entries: Entry[] = [];
  let hasFaults = true;

  console.log('Starting the service.');
  const counted = await startCountedStack(
    {
      template: async () => withNodeOptions(synthesize()),
      onStdoutLine: (line) =>
        void violations.push(...findLeaks([line]).map((leak) => `The log holds: ${leak}`)),
      onOutput: (line) => {
        if (!heaps.read(line)) violations.push(`The function printed a line that is not of its log: ${line}`);
      },
    },
    () => (hasFaults ? randomFault() : pass),
  );
  try {
    const deadline = AbortSignal.timeout(seconds * 1_000);
    const terminals = Array.from({ length: TERMINALS }, () =>
      runTerminal(counted, (entry) => entries.push(entry), deadline).catch((error: unknown) => {
        violations.push(`An answer breaks the contract: ${error}`);
      }),
    );
    await watch(counted, heaps, entries, seconds, deadline);
    await Promise.all(terminals);

    hasFaults = false;
    await counted.settled();
    const counts = await judge(counted, entries, violations);
    violations.push(...growthViolations(heaps));
    printSummary(counted, entries, counts, heaps);
  } finally {
    await counted.close();
  }
  return violations;
}

function withNodeOptions(template: ReturnType<typeof synthesize>): ReturnType<typeof synthesize> {
  const variables = { ...template.function.variables, NODE_OPTIONS };
  return { ...template, function: { ...template.function, variables } };
}

/** Prints progress and requests the heaps, until the time is over. */
async function watch(
  counted: CountedStack,
  heaps: Heaps,
  entries: readonly Entry[],
  seconds: number,
  deadline: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  while (!deadline.aborted) {
    await sleep(REPORT_INTERVAL_MS, undefined, { signal: deadline }).catch(() => {});
    const passed = (performance.now() - startedAt) / 1_000;
    heaps.request(counted.stack.functionPids());
    // The processes report when they are idle.
    await sleep(500);
    const statuses = entries.flatMap(({ answers }) => answers.map(({ status }) => status));
    console.log(
      `${Math.min(seconds, Math.round(passed))} of ${seconds} s: ${count(statuses.length)} answers, ` +
        `${count(statuses.filter((status) => status === 503).length)} of them 503, heap ${megabytes(heaps.largest)}`,
    );
  }
}

/** Judges each connection, and repeats the logouts whose outcome the terminal does not know. */
async function judge(
  counted: CountedStack,
  entries: readonly Entry[],
  violations: string[],
): Promise<Readonly<Record<EntryState, number>>> {
  const counts = { acknowledged: 0, unknown: 0, open: 0 };
  const items = new Map<unknown, Item>();
  for await (const item of counted.stack.table.scan()) items.set(item.id, item);
  for (const entry of entries) {
    const item = items.get(entry.id);
    const result = judgeEntry(entry, item, counted.writes.get(entry.id) ?? 0);
    if ('violation' in result) {
      violations.push(result.violation);
      continue;
    }
    counts[result.state] += 1;
    if (result.state === 'unknown') {
      const { status, date } = await ask(counted, entry, {});
      if (status !== 200 || date !== item?.date_logout) {
        violations.push(
          `${entry.id}: the repeat of a logout with an unknown outcome was answered ${status}.`,
        );
      }
    }
  }
  return counts;
}

function growthViolations({ growth }: Heaps): string[] {
  if (growth.length === 0) return ['No process reported its heap after the warm-up.'];
  return growth
    .filter(({ first, last }) => last - first > MAX_GROWTH_BYTES)
    .map(
      ({ pid, first, last }) =>
        `The heap of process ${pid} grew from ${megabytes(first)} to ${megabytes(last)}.`,
    );
}

function printSummary(
  { sent }: CountedStack,
  entries: readonly Entry[],
  { acknowledged, unknown, open }: Readonly<Record<EntryState, number>>,
  { growth }: Heaps,
): void {
  const answers = entries.reduce((sum, entry) => sum + entry.answers.length, 0);
  console.log(`
connections                             ${count(entries.length)}
  logged out once, as a 200 said        ${count(acknowledged)}
  logged out once, known after a repeat ${count(unknown)}
  open, never acknowledged              ${count(open)}
answers over HTTP                       ${count(answers)}
requests to the table                   ${count(sent)}
live heap after the warm-up, at the end ${growth.map(({ first, last }) => `${megabytes(first)}, ${megabytes(last)}`).join('; ')}
`);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
