import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { runCommand, UserError } from '../cli.ts';
import { functionVariables } from '../local/function-variables.ts';
import { synthesize } from '../local/synthesize.ts';
import { makeCertificate } from './certificate.ts';
import { drawChart } from './chart.ts';
import { COLD_TITLES, type ColdSamples, measureCold } from './cold.ts';
import { BASELINE, buildContenders, OURS, OURS_IN_ZONE } from './contenders.ts';
import { CPU_SHARE, cpuQuota } from './cpu-quota.ts';
import { HEAP_TITLES, measureHeap } from './heap.ts';
import { formatTable, type Row } from './report.ts';
import { findRuntimeClient } from './runtime-client.ts';
import type { Samples } from './statistics.ts';
import { startLocalStore, startStubStore } from './stores.ts';
import { measureWarm, WARM_TITLES, type WarmPlan, type WarmSamples } from './warm.ts';

const HELP = `Measures this project's bundle beside other functions for the same table
(tools/bench/peers), in rounds, on this machine.

  npm run bench                      everything, in 20 to 40 minutes; writes
                                     docs/performance.svg
  npm run bench -- --quick           fewer rounds, in two minutes
  npm run bench -- --other FOLDER    also another build of this project
  npm run bench -- --help            prints this

  floor             answers a constant: Node.js and AWS's runtime client
  bare              the document client, one UpdateCommand, nothing else
  bare, mainFields  the same, bundled with mainFields module,main
  usual             Middy, its parser, error handler and validator, ajv at run
                    time, Powertools, the document client
  this              this project's bundle, as it is deployed
  this, in Madrid   the same with TIME_ZONE=Europe/Madrid

Each runs under AWS's own runtime client, aws-lambda-ric, which is built on
first use (g++, make, cmake, python3). DynamoDB Local runs behind TLS. Ratios of
one run can be compared, times of different runs cannot. Needs Linux, and root
to limit the CPU after init with a control group.`;

const FULL = {
  coldRounds: 25,
  stub: { rounds: 25, warmUpRequests: 1_000, measuredRequests: 400 },
  local: { rounds: 25, warmUpRequests: 200, measuredRequests: 100 },
  heapRequests: 200_000,
};

const QUICK: typeof FULL = {
  coldRounds: 7,
  stub: { rounds: 5, warmUpRequests: 500, measuredRequests: 300 },
  local: { rounds: 3, warmUpRequests: 100, measuredRequests: 100 },
  heapRequests: 2_000,
};

const CHART_FILE = join(import.meta.dirname, '../../docs/performance.svg');

/** From top to bottom, in the chart. */
const CHART_ORDER = ['floor', OURS, OURS_IN_ZONE, 'bare, mainFields', BASELINE, 'usual'];

await runCommand({
  name: 'npm run bench',
  help: HELP,
  options: { quick: { type: 'boolean' }, other: { type: 'string' } },
  async run({ quick = false, other }) {
    if (process.platform !== 'linux') {
      throw new UserError('The bench reads CPU times from /proc: it needs Linux.');
    }
    const results = await measure(quick ? QUICK : FULL, other);
    console.log(`\n${formatResults(results)}`);
    if (!quick) {
      await writeFile(CHART_FILE, drawResults(results));
      console.log(`The chart is in ${relative(process.cwd(), CHART_FILE)}.`);
    }
    return 0;
  },
});

/** Everything that was measured. */
interface Results {
  readonly plan: typeof FULL;
  readonly names: readonly string[];
  readonly bytes: Samples;
  readonly cold: ColdSamples;
  /** With a limited CPU after init; absent where no control group can be made. */
  readonly limited: ColdSamples | undefined;
  readonly stub: WarmSamples;
  readonly local: WarmSamples;
  readonly heap: Record<keyof typeof HEAP_TITLES, Samples>;
}

async function measure(plan: typeof FULL, otherFolder: string | undefined): Promise<Results> {
  const runtimeClient = await findRuntimeClient();
  const contenders = await buildContenders(otherFolder);
  const warmContenders = contenders.filter(({ name }) => name !== OURS_IN_ZONE);
  const heapContenders = contenders.filter(({ name }) => name === OURS);
  const template = synthesize();
  const certificate = await makeCertificate();
  const settings = (endpoint: string) => ({
    runtimeClient,
    variables: { ...functionVariables(template, endpoint), NODE_EXTRA_CA_CERTS: certificate.file },
  });
  const [stubStore, localStore] = await Promise.all([
    startStubStore(certificate),
    startLocalStore(certificate, template.table),
  ]);
  const quota = cpuQuota();
  try {
    const [atStub, atLocal] = [settings(stubStore.endpoint), settings(localStore.endpoint)];
    const { coldRounds, heapRequests } = plan;
    const onColdRound = progress('1 of 5, cold starts', coldRounds);
    const cold = await measureCold(contenders, atLocal, localStore, coldRounds, onColdRound);
    const onLimitedRound = progress('2 of 5, cold starts, limited CPU', coldRounds);
    const limited =
      quota && (await measureCold(contenders, atLocal, localStore, coldRounds, onLimitedRound, quota));
    const onStubRound = progress('3 of 5, warm, stub store', plan.stub.rounds);
    const stub = await measureWarm(warmContenders, atStub, stubStore, plan.stub, onStubRound);
    const onLocalRound = progress('4 of 5, warm, DynamoDB Local', plan.local.rounds);
    const local = await measureWarm(warmContenders, atLocal, localStore, plan.local, onLocalRound);
    const onRequests = progress('5 of 5, heap', heapRequests * heapContenders.length);
    const heap = await measureHeap(heapContenders, atStub, stubStore, heapRequests, onRequests);
    const bytes = new Map(contenders.map((contender) => [contender.name, [contender.bytes]]));
    const names = contenders.map(({ name }) => name);
    return { plan, names, bytes, cold, limited, stub, local, heap };
  } finally {
    quota?.close();
    await Promise.all([stubStore.close(), localStore.close()]);
    await certificate.remove();
  }
}

function formatResults({ plan, names, bytes, cold, limited, stub, local, heap }: Results): string {
  const warm = (store: string, { rounds, measuredRequests }: WarmPlan) =>
    `warm, ${store}, ${rounds} rounds of ${measuredRequests}`;
  const rows: (Row | string)[] = [
    { title: 'bundle, bytes', samples: bytes },
    `cold start, ${plan.coldRounds} rounds`,
    ...toRows(COLD_TITLES, cold),
    ...(limited ? [`the same, at ${CPU_SHARE} of a CPU after init`, ...toRows(COLD_TITLES, limited)] : []),
    warm('stub store', plan.stub),
    ...toRows(WARM_TITLES, stub),
    warm('DynamoDB Local', plan.local),
    ...toRows(WARM_TITLES, local),
    `memory, ${plan.heapRequests.toLocaleString('en')} requests`,
    ...toRows(HEAP_TITLES, heap),
  ];
  return [
    formatTable(names, rows),
    '',
    `Medians. × is the median of the rounds' ratios to ${BASELINE}, ± half the distance of the quartiles.`,
    ...(limited ? [] : ['Not measured: the start with a limited CPU. No control group could be made.']),
    describeMachine(),
  ].join('\n');
}

function toRows<Key extends string>(titles: Record<Key, string>, samples: Record<Key, Samples>): Row[] {
  return (Object.keys(titles) as Key[]).map((key) => ({ title: titles[key], samples: samples[key] }));
}

function drawResults({ plan, cold, limited, stub, local }: Results): string {
  const panels = [
    { title: 'CPU to the first answer', samples: cold.cpu },
    { title: 'Time to the first answer', samples: cold.answered },
    ...(limited
      ? [{ title: `Time to the first answer, ${CPU_SHARE} of a CPU after init`, samples: limited.answered }]
      : []),
    { title: 'CPU of a warm request, stub store', samples: stub.cpu },
    { title: 'CPU of a warm request, DynamoDB Local', samples: local.cpu },
  ];
  return drawChart(panels, CHART_ORDER, [
    `Medians of ${plan.coldRounds} rounds and their quartiles; × is the median ratio to ${BASELINE}. Shorter is better.`,
    `${describeMachine()} ${new Date().toISOString().slice(0, 10)}.`,
  ]);
}

function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `Node.js ${process.versions.node}, ${cpus().length} cores, ${memory} GB of memory.`;
}

/** @returns what prints how much is done: on a terminal in one line, else at each quarter. */
function progress(part: string, total: number): (done: number) => void {
  let quarter = 0;
  return (done) => {
    const percent = Math.floor((done / total) * 100);
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${part}: ${percent} %${percent === 100 ? '\n' : ''}`);
    } else if (percent >= quarter * 25) {
      console.error(`${part}: ${percent} %`);
      quarter = Math.floor(percent / 25) + 1;
    }
  };
}
