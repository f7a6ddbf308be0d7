import { cpus } from 'node:os';
import { runCommand, UserError } from '../cli.ts';
import { createEnvironment } from '../local/environment.ts';
import { synthesize } from '../local/template.ts';
import { makeCertificate } from './certificate.ts';
import { BASELINE, buildContenders, OURS_IN_ZONE } from './contenders.ts';
import { CPU_SHARE, createCpuQuota } from './cpu-quota.ts';
import {
  type Measurements,
  measureRounds,
  measureStart,
  measureWarm,
  median,
  medianRatio,
} from './measure.ts';
import { findRuntimeClient } from './runtime-client.ts';
import { startStore } from './store.ts';

const HELP = `Measures this project's bundle beside other functions for the same table
(tools/bench/peers), in rounds, on this machine, and prints a Markdown table.

  npm run bench                      25 rounds, in about ten minutes
  npm run bench -- --rounds 5        fewer
  npm run bench -- --other FOLDER    also another build of this project
  npm run bench -- --help            prints this

  floor             returns a constant: Node.js and AWS's runtime client
  bare              the document client, one UpdateCommand, nothing else
  bare, mainFields  the same, bundled with mainFields module,main
  usual             Middy, its parser, error handler and validator, ajv at run
                    time, Powertools, the document client
  this              this project's bundle, as it is deployed
  this, in Madrid   the same with TIME_ZONE=Europe/Madrid

Each runs under AWS's own runtime client, aws-lambda-ric, which is built on
first use (g++, make, cmake, python3), against a table behind TLS that accepts
every write. Ratios of one run can be compared, times of different runs cannot.
Needs Linux, and root to limit the CPU after init with a control group.`;

await runCommand({
  name: 'npm run bench',
  help: HELP,
  options: { rounds: { type: 'string' }, other: { type: 'string' } },
  async run({ rounds: given = '25', other }) {
    if (process.platform !== 'linux') {
      throw new UserError('The bench reads CPU times from /proc: it needs Linux.');
    }
    const rounds = Number(given);
    if (!(rounds >= 1)) throw new UserError(`--rounds is "${given}": give a number, 1 or more.`);
    const runtimeClient = await findRuntimeClient();
    const certificate = await makeCertificate();
    const store = await startStore(certificate);
    const quota = createCpuQuota();
    const variables = {
      ...createEnvironment(await synthesize(), store.endpoint),
      NODE_EXTRA_CA_CERTS: certificate.file,
    };
    const contenders = await buildContenders(variables, other);
    const warmContenders = contenders.filter(({ name }) => name !== OURS_IN_ZONE);
    try {
      const cold = await measureRounds(contenders, runtimeClient, rounds, (one) => measureStart(one));
      const limited =
        quota && (await measureRounds(contenders, runtimeClient, rounds, (one) => measureStart(one, quota)));
      const warm = await measureRounds(warmContenders, runtimeClient, rounds, measureWarm);
      const sizes = Object.fromEntries(contenders.map(({ name, bytes }) => [name, [bytes]]));
      const names = contenders.map(({ name }) => name);
      console.log(
        [
          `\n\n| | ${names.join(' | ')} |`,
          `| --- |${names.map(() => ' --: |').join('')}`,
          ...formatRows(names, { 'bundle, bytes': sizes }),
          ...formatRows(names, cold, `cold start, ${rounds} rounds`),
          ...(limited ? formatRows(names, limited, `the same, at ${CPU_SHARE} of a CPU after init`) : []),
          ...formatRows(names, warm, `warm, ${rounds} rounds`),
          '',
          `Medians. × is the median of the rounds' ratios to ${BASELINE}.`,
          `Node.js ${process.versions.node}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}.`,
          ...(limited ? [] : ['No control group could be made, so no start with a limited CPU is measured.']),
        ].join('\n'),
      );
    } finally {
      quota?.close();
      store.close();
      await certificate.remove();
    }
    return 0;
  },
});

/** @returns the lines of a Markdown table: for each contender the median, and its ratio to the baseline's. */
function formatRows(names: readonly string[], measurements: Measurements, heading?: string): string[] {
  const rows = Object.entries(measurements).map(([title, row]) => {
    const cells = names.map((name) => {
      const [values, baseline = []] = [row[name], row[BASELINE]];
      if (values === undefined) return '';
      const middle = median(values);
      const text = middle >= 1_000 ? Math.round(middle).toLocaleString('en') : middle.toPrecision(3);
      return `${text} ${medianRatio(values, baseline).toFixed(2)}×`;
    });
    return `| ${title} | ${cells.join(' | ')} |`;
  });
  return heading === undefined ? rows : [`| **${heading}** |${names.map(() => ' |').join('')}`, ...rows];
}
