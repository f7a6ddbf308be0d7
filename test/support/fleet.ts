import type { Outcome } from '../../infra/monitoring/metrics.ts';
import type { TemplateResource } from '../../tools/local/template.ts';
import { Contributors, metricKey, type Recording, Series } from './metric-series.ts';

/** The logouts of a day's hours, from midnight, in parts of all: shops that close at noon and in the evening. */
const HOURS = [
  0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.6, 1.5, 3, 4.5, 5.5, 6, 6.5, 7.5, 7, 6, 6, 7, 8.5, 10, 10.5, 7.5, 2.8, 1,
];
const WHOLE_DAY = HOURS.reduce((sum, part) => sum + part, 0);
const MINUTES_A_DAY = 1_440;

/** What goes wrong with a part of the requests. */
export interface Fault {
  /** The part of the terminals' requests, 0 to 1. */
  readonly share: number;
  /**
   * What becomes of them: an outcome of the function; `crash`, which the gateway answers 500; `unauthorized`, which it
   * refuses itself; `throttled`, which it answers 429; `unreachable`, of which nothing is measured; `unmeasured`,
   * whose own metric is lost.
   */
  readonly as: Outcome | 'crash' | 'unauthorized' | 'throttled' | 'unreachable' | 'unmeasured' | 'slow';
  /** Whether the probe is spared. Default: it meets the fault as a terminal does, by chance. */
  readonly probe?: 'spared' | undefined;
}

/** A fleet of terminals over some days, and what happens to it. */
export interface FleetOptions {
  /** Logouts a day. */
  readonly logoutsADay: number;
  readonly days: number;
  /** The faults of a minute. Default: none. */
  readonly faults?: (minute: number) => readonly Fault[];
  /** Requests of one terminal in a loop, a minute, each refused. */
  readonly looping?: (minute: number) => number;
  /** The part of the writes that the table throttles once, after which they succeed. */
  readonly throttledWrites?: (minute: number) => number;
  /** The part of the traffic that a new version gets, which is the part that `faults` are of. */
  readonly newVersion?: (minute: number) => number;
}

/** The resources that are measured, as dimensions name them. */
export interface Measured {
  readonly gateway: Record<string, unknown>;
  readonly functionName: unknown;
  readonly alias: unknown;
  readonly version: unknown;
  readonly probe: unknown;
  readonly tableName: unknown;
  /** The name of the stack, which begins the names of rules and the filters' namespace. */
  readonly stackName: string;
}

/** Finds the resources that are measured in a template with a probe, independently of the alarms. */
export function measuredResources(
  resources: Readonly<Record<string, TemplateResource>>,
  stackName: string,
): Measured {
  const idOf = (type: string, part = '') =>
    Object.entries(resources).find(([id, { Type }]) => Type === type && id.includes(part))?.[0];
  const functionName = { Ref: idOf('AWS::Lambda::Function', 'Logout') };
  return {
    gateway: { ApiId: { Ref: idOf('AWS::ApiGatewayV2::Api') }, Stage: '$default' },
    functionName,
    alias: { 'Fn::Join': ['', [functionName, ':live']] },
    version: { 'Fn::GetAtt': [idOf('AWS::Lambda::Version'), 'Version'] },
    probe: { Ref: idOf('AWS::Lambda::Function', 'Probe') },
    tableName: { Ref: idOf('AWS::DynamoDB::Table') },
    stackName,
  };
}

/** What a minute's requests came to. The probe's are among them but for `probes`. */
interface Minute {
  requests: number;
  clientErrors: number;
  serverErrors: number;
  throttled: number;
  passedOn: number;
  slow: number;
  crashes: number;
  outcomes: Partial<Record<Outcome, number>>;
  refusedConnections: number;
  refusedAddresses: number;
  looping: number;
  probeFailed: number;
  written: number;
  throttledWrites: number;
  newVersion: { calls: number; crashes: number; failures: number; defects: number; refusals: number };
}

const REFUSED: readonly string[] = ['connection_not_found', 'invalid_connection', 'already_logged_out'];
const FAILED: readonly string[] = ['store_unavailable', 'internal_error'];

/** What a healthy fleet comes to, in parts of its requests. The failures are a twentieth of what the objective allows. */
const HEALTHY = [
  ['connection_not_found', 0.005],
  ['already_logged_out', 0.003],
  ['invalid_connection', 0.002],
  ['store_unavailable', 0.00005],
  ['repeated', 0.03],
] as const;
const SLOW = 0.005;

/**
 * Simulates a fleet minute by minute, with a seed of its own, and returns what CloudWatch would have measured.
 *
 * @returns the recording, and the number of its minutes.
 */
export function simulateFleet(
  options: FleetOptions,
  measured: Measured,
): { recording: Recording; steps: number } {
  const random = randomNumbers(options.logoutsADay);
  const steps = options.days * MINUTES_A_DAY;
  const minutes = Array.from({ length: steps }, (_, minute) => simulateMinute(options, minute, random));
  // A shop has twenty terminals that log out twice a day, and one address.
  const shops = Math.max(3, Math.round(options.logoutsADay / 40));
  return { recording: record(minutes, measured, shops), steps };
}

function simulateMinute(options: FleetOptions, minute: number, random: Random): Minute {
  const { logoutsADay, faults = () => [], looping = () => 0, throttledWrites = () => 0 } = options;
  const share = options.newVersion?.(minute) ?? 0;
  const result: Minute = {
    ...{ requests: 0, clientErrors: 0, serverErrors: 0, throttled: 0, passedOn: 0, slow: 0, crashes: 0 },
    ...{ refusedConnections: 0, refusedAddresses: 0, looping: looping(minute), probeFailed: 0, written: 0 },
    ...{ throttledWrites: 0, outcomes: {} },
    newVersion: { calls: 0, crashes: 0, failures: 0, defects: 0, refusals: 0 },
  };
  const hour = Math.floor((minute % MINUTES_A_DAY) / 60);
  const all = random.poisson((logoutsADay * (HOURS[hour] ?? 0)) / WHOLE_DAY / 60);
  let healthy = all;
  const ofNew = random.binomial(all, share);
  result.newVersion.calls = ofNew;
  for (const fault of faults(minute)) {
    // Of the new version's requests where there is one, else of all.
    const hit = random.binomial(share > 0 ? ofNew : all, fault.share);
    healthy -= hit;
    count(result, fault.as, hit, true);
    if (share > 0) countNewVersion(result, fault.as, hit);
    const chance = fault.probe === 'spared' ? 0 : fault.share;
    if (share === 0 && random.binomial(1, chance) > 0) probe(result, fault.as);
  }
  let rest = healthy;
  for (const [outcome, part] of HEALTHY) {
    const some = random.binomial(healthy, part);
    rest -= some;
    count(result, outcome, some, true);
  }
  count(result, 'logged_out', rest, true);
  result.slow += random.binomial(rest, SLOW);
  count(result, 'connection_not_found', result.looping, false);
  if (result.probeFailed === 0) count(result, 'connection_not_found', 1, false);
  result.throttledWrites += random.binomial(all, throttledWrites(minute));
  return result;
}

/** @param isTerminal whether each request is of a connection and an address of its own. */
function count(minute: Minute, as: Fault['as'], requests: number, isTerminal: boolean): void {
  if (as === 'unreachable' || requests === 0) return;
  minute.requests += requests;
  if (as === 'throttled' || as === 'unauthorized') {
    minute.clientErrors += requests;
    if (as === 'throttled') minute.throttled += requests;
    else if (isTerminal) minute.refusedAddresses += requests;
    return;
  }
  minute.passedOn += requests;
  if (as === 'crash') {
    minute.serverErrors += requests;
    minute.crashes += requests;
    return;
  }
  const outcome = as === 'unmeasured' || as === 'slow' ? 'logged_out' : as;
  if (as === 'slow') minute.slow += requests;
  if (as !== 'unmeasured') minute.outcomes[outcome] = (minute.outcomes[outcome] ?? 0) + requests;
  if (outcome !== 'store_unavailable') minute.written += requests;
  if (FAILED.includes(outcome)) minute.serverErrors += requests;
  if (REFUSED.includes(outcome)) {
    minute.clientErrors += requests;
    if (isTerminal) {
      minute.refusedConnections += requests;
      minute.refusedAddresses += requests;
    }
  }
}

function countNewVersion({ newVersion }: Minute, as: Fault['as'], requests: number): void {
  if (as === 'crash') newVersion.crashes += requests;
  if (FAILED.includes(as)) newVersion.failures += requests;
  if (as === 'internal_error') newVersion.defects += requests;
  if (REFUSED.includes(as)) newVersion.refusals += requests;
}

/** The probe meets a fault. What is refused as it is expects that. */
function probe(minute: Minute, as: Fault['as']): void {
  if (as === 'slow' || as === 'unmeasured' || REFUSED.includes(as)) {
    if (as === 'unmeasured') {
      minute.requests++;
      minute.clientErrors++;
      minute.passedOn++;
      // It was answered, but nothing of it is in the service's own metrics.
      minute.probeFailed = -1;
    }
    return;
  }
  minute.probeFailed = 1;
  count(minute, as, 1, false);
}

/** By value, how often it is sampled in a minute. */
type Samples = Readonly<Record<number, (minute: Minute) => number>>;

function record(minutes: readonly Minute[], measured: Measured, shops: number): Recording {
  const { gateway, functionName, alias, version, probe: probeName, tableName, stackName } = measured;
  const steps = minutes.length;
  const recording = new Map<string, Series | Contributors>();
  const at = (read: (minute: Minute) => number) => (step: number) => read(minutes[step] as Minute);
  const metric =
    (namespace: string, dimensions: Record<string, unknown>) => (name: string, samples: Samples) => {
      const series = new Series(steps);
      for (const [value, count] of Object.entries(samples)) series.add(Number(value), at(count));
      recording.set(metricKey({ namespace, name, dimensions }), series);
    };
  const contributors = (rule: string, lines: (minute: Minute) => number, pool?: number) => {
    const counted = new Contributors(steps, at(lines), pool);
    recording.set(`${stackName}-${rule}`, counted);
    return counted;
  };

  const api = metric('AWS/ApiGateway', gateway);
  api('Count', { 1: (minute) => minute.requests });
  api('4xx', { 1: (minute) => minute.clientErrors, 0: (minute) => minute.requests - minute.clientErrors });
  api('5xx', { 1: (minute) => minute.serverErrors, 0: (minute) => minute.requests - minute.serverErrors });
  api('Latency', { 30: (minute) => minute.requests - minute.slow, 3000: (minute) => minute.slow });
  api('IntegrationLatency', { 30: (minute) => minute.passedOn - minute.slow, 3000: (minute) => minute.slow });

  const ofAlias = metric('AWS/Lambda', { FunctionName: functionName, TemplateResource: alias });
  ofAlias('Errors', { 1: (minute) => minute.crashes, 0: (minute) => minute.passedOn - minute.crashes });
  const ofNew = metric('AWS/Lambda', {
    FunctionName: functionName,
    TemplateResource: alias,
    ExecutedVersion: version,
  });
  ofNew('Invocations', { 1: ({ newVersion }) => newVersion.calls });
  ofNew('Errors', { 1: ({ newVersion }) => newVersion.crashes });
  const ofProbe = metric('AWS/Lambda', { FunctionName: probeName });
  ofProbe('Invocations', { 1: () => 1 });
  ofProbe('Errors', {
    1: ({ probeFailed }) => Math.max(0, probeFailed),
    0: ({ probeFailed }) => 1 - Math.max(0, probeFailed),
  });

  const table = metric('AWS/DynamoDB', { TableName: tableName });
  table('WriteThrottleEvents', { 1: (minute) => minute.throttledWrites });
  table('ConsumedWriteCapacityUnits', { 1: (minute) => minute.written });

  const outcomes = new Set(minutes.flatMap((minute) => Object.keys(minute.outcomes) as Outcome[]));
  for (const outcome of outcomes) {
    const own = metric('ConnectionLogout', { stage: 'prod', outcome });
    own('requests', { 1: (minute) => minute.outcomes[outcome] ?? 0 });
  }
  const filtered = metric(`ConnectionLogout/${stackName}`, {});
  filtered('throttled', { 1: (minute) => minute.throttled, 0: ({ requests }) => Number(requests > 0) });
  const filteredNew = metric(`ConnectionLogout/${stackName}`, { function_version: version });
  for (const name of ['failures', 'defects', 'refusals'] as const) {
    filteredNew(name, { 1: ({ newVersion }) => newVersion[name] });
  }

  const looping = at((minute) => minute.looping);
  contributors('refused-connections', (minute) => minute.refusedConnections).addOne(looping);
  contributors('refused-addresses', (minute) => minute.refusedAddresses, shops)
    .addOne(looping)
    // The probe's own address is refused each minute.
    .addOne(() => 1);
  contributors('refused-by-version', ({ newVersion }) => newVersion.refusals);
  return recording;
}

interface Random {
  poisson(mean: number): number;
  binomial(trials: number, chance: number): number;
}

/** Random numbers that are the same in each run. */
function randomNumbers(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32, by Tommy Ettinger, in the public domain.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const poisson = (mean: number): number => {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-mean);
    let product = next();
    let events = 0;
    while (product > limit) {
      product *= next();
      events++;
    }
    return events;
  };
  return {
    poisson,
    binomial(trials, chance) {
      if (chance <= 0 || trials <= 0) return 0;
      if (chance >= 1) return trials;
      if (trials < 30) return Array.from({ length: trials }, next).filter((value) => value < chance).length;
      const mean = trials * chance;
      if (mean < 20) return Math.min(trials, poisson(mean));
      return Math.min(trials, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - chance)) * normal())));
    },
  };
}
