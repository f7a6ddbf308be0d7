import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { UserError } from '../cli.ts';
import { functionVariables } from '../local/function-variables.ts';
import { synthesize } from '../local/synthesize.ts';
import { TABLE_NAME } from '../local/template.ts';
import { certificate } from './certificate.ts';
import { COLD, measureCold } from './cold.ts';
import { BASE, buildContenders } from './contenders.ts';
import { cpuQuota, SHARE } from './cpu-quota.ts';
import { HEAP, measureHeap } from './heap.ts';
import { type Row, table } from './report.ts';
import { runtimeClient } from './runtime-client.ts';
import type { Samples } from './statistics.ts';
import { localStore, stubStore } from './stores.ts';
import { measureWarm, WARM, type WarmPlan } from './warm.ts';

const HELP = `Measures the bundle beside three others (tools/bench/peers), in turns, on this machine.

  npm run bench                 all of it, in about ten minutes
  npm run bench -- --quick      fewer turns, in about a minute
  npm run bench -- --help       prints this

  floor  a function that answers a constant: what Node.js and AWS's runtime client cost by themselves
  bare   the document client and one UpdateCommand, nothing else
  usual  Middy, its parser, error handler and validator, ajv at run time, Powertools, the document client
  this   this project's bundle, as it is deployed

Each runs under AWS's own runtime client (aws-lambda-ric, built on first use with g++, make and cmake), with DynamoDB
Local behind TLS. Times of different runs cannot be compared, ratios can. Cutting the CPU after init takes control groups, that
is root on Linux.`;

const FULL = {
  cold: 25,
  warm: { processes: 5, before: 3_000, turns: 3, perTurn: 1_000 },
  local: { processes: 3, before: 300, turns: 3, perTurn: 200 },
  heap: 100_000,
};

const QUICK = {
  cold: 7,
  warm: { processes: 2, before: 500, turns: 2, perTurn: 300 },
  local: { processes: 1, before: 100, turns: 3, perTurn: 100 },
  heap: 2_000,
};

try {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) console.log(HELP);
  else await bench(values.quick ? QUICK : FULL);
} catch (error) {
  const isForPerson =
    error instanceof UserError || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
  console.error(isForPerson ? (error as Error).message : error);
  process.exitCode = 1;
}

async function bench(plan: typeof FULL): Promise<void> {
  if (process.platform !== 'linux')
    throw new UserError('The bench reads CPU times from /proc: it needs Linux.');
  const client = await runtimeClient();
  const contenders = await buildContenders();
  const template = synthesize();
  const tls = await certificate();
  const surroundings = (endpoint: string) => ({
    runtimeClient: client,
    variables: { ...functionVariables(template, endpoint), NODE_EXTRA_CA_CERTS: tls.file },
  });
  const [stub, local] = await Promise.all([stubStore(tls), localStore(tls, TABLE_NAME)]);
  const quota = cpuQuota();
  try {
    const [atStub, atLocal] = [surroundings(stub.endpoint), surroundings(local.endpoint)];
    const cold = await measureCold(contenders, atLocal, local, plan.cold, progress('cold start', plan.cold));
    const cut =
      quota &&
      (await measureCold(
        contenders,
        atLocal,
        local,
        plan.cold,
        progress('cold start, cut', plan.cold),
        quota,
      ));
    const warm = await measureWarm(
      contenders,
      atStub,
      stub,
      plan.warm,
      progress('warm, stub', turnsOf(plan.warm)),
    );
    const warmLocal = await measureWarm(
      contenders,
      atLocal,
      local,
      plan.local,
      progress('warm, local', turnsOf(plan.local)),
    );
    const all = plan.heap * contenders.length;
    const heap = await measureHeap(contenders, atStub, stub, plan.heap, progress('heap', all));
    const bytes = new Map(contenders.map((contender) => [contender.name, [contender.bytes]]));

    const rows: (Row | string)[] = [
      { title: 'bundle, bytes', samples: bytes },
      `cold start, ${plan.cold} turns`,
      ...rowsOf(COLD, cold),
      ...(cut ? [`the same, with ${SHARE} of a CPU after init`, ...rowsOf(COLD, cut)] : []),
      `warm, stub store, ${turnsOf(plan.warm)} turns of ${plan.warm.perTurn}`,
      ...rowsOf(WARM, warm),
      `warm, DynamoDB Local, ${turnsOf(plan.local)} turns of ${plan.local.perTurn}`,
      ...rowsOf(WARM, warmLocal),
      `memory, ${plan.heap.toLocaleString('en')} requests`,
      ...rowsOf(HEAP, heap),
    ];
    const names = contenders.map(({ name }) => name);
    console.log(`\n${table(names, rows)}\n`);
    console.log(`Medians; × is the ratio to ${BASE}; ± is half the distance of the quartiles.`);
    if (!quota) console.log('Not measured: the start with a cut CPU. No control group could be made here.');
    const memory = Math.round(totalmem() / 2 ** 30);
    console.log(`Node.js ${process.versions.node}, ${cpus().length} cores, ${memory} GB of memory.`);
  } finally {
    quota?.close();
    await Promise.all([stub.close(), local.close()]);
    await tls.remove();
  }
}

function turnsOf({ processes, turns }: WarmPlan): number {
  return processes * turns;
}

function rowsOf<Key extends string>(titles: Record<Key, string>, samples: Record<Key, Samples>): Row[] {
  return (Object.keys(titles) as Key[]).map((key) => ({ title: titles[key], samples: samples[key] }));
}

/** @returns what tells how far a part has got: on a terminal in one line, else every so often. */
function progress(part: string, total: number): (done: number) => void {
  let last = -1;
  return (done) => {
    const percent = Math.floor((done / total) * 100);
    if (process.stderr.isTTY) process.stderr.write(`\r${part}: ${percent} %  ${percent === 100 ? '\n' : ''}`);
    else if (Math.floor(percent / 25) > last) console.error(`${part}: ${percent} %`);
    last = Math.max(last, Math.floor(percent / 25));
  };
}
