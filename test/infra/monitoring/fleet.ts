import { contributors, type Recording, type Span, series } from './metric-series.ts';

/** The logouts of a day's hours, from midnight, in parts of all: shops that close at noon and in the evening. */
const HOURS = [
  0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.6, 1.5, 3, 4.5, 5.5, 6, 6.5, 7.5, 7, 6, 6, 7, 8.5, 10, 10.5, 7.5, 2.8, 1,
];
const WHOLE_DAY = HOURS.reduce((sum, part) => sum + part, 0);
const MINUTES_A_DAY = 1_440;

/**
 * What becomes of a request. `crash`: the function ends without a response, and the gateway responds 500. `slow`: a
 * logout takes 3 s. `forbidden`, `throttled`: the gateway refuses it with 403 or 429. `other_path`: it is not for the
 * route. `unreachable`: nothing of it is measured. The others are outcomes of the function.
 */
const OUTCOMES = ['logged_out', 'repeated', 'malformed_body', 'internal_error', 'store_unavailable'] as const;
const OTHERS = ['connection_not_found', 'crash', 'slow', 'forbidden', 'throttled', 'other_path'] as const;
const FATES = [...OUTCOMES, ...OTHERS, 'unreachable'] as const;
type Fate = (typeof FATES)[number];

/** A fleet of terminals over some days, and what happens to it. */
export interface Fleet {
  readonly logoutsADay: number;
  readonly days: number;
  /** The part of the requests that is refused on any day, such as repeats with another date. Default: 1 %. */
  readonly refusals?: number;
  /** The public addresses of all terminals. Default: one for each shop, of twenty terminals that log out twice a day. */
  readonly addresses?: number;
  /** What happens to a part of the terminals' requests, and to the probe's by the same chance, if it is not spared. */
  readonly fault?: Span & { readonly share: number; readonly as: Fate; readonly sparesProbe?: boolean };
  /** What callers send beside the fleet, one terminal at one address each. */
  readonly noise?: readonly (Span & { readonly as: Fate; readonly aMinute: number })[];
  /** A new version gets a part of the traffic, and only this part meets the fault. */
  readonly rollout?: Span & { readonly share: number };
}

/** Simulates a fleet, minute by minute. @returns what CloudWatch measures, the service having a probe. */
export function simulateFleet(fleet: Fleet): { readonly recording: Recording; readonly minutes: number } {
  const { logoutsADay, fault, rollout, refusals = 0.01, noise = [] } = fleet;
  const { addresses = Math.max(1, Math.round(logoutsADay / 40)) } = fleet;
  const terminals = logoutsADay / 2;
  const minutes = fleet.days * MINUTES_A_DAY;
  const counts = () => new Array<number>(minutes).fill(0);
  const all = Object.fromEntries(FATES.map((fate) => [fate, counts()])) as Record<Fate, number[]>;
  const [refused, forbidden, probeFailures, newCalls] = [counts(), counts(), counts(), counts()];
  const random = new Random(logoutsADay);
  const isIn = (span: Span | undefined, minute: number) =>
    span !== undefined && minute >= span.from && minute < span.to;

  for (let minute = 0; minute < minutes; minute++) {
    const count = (fate: Fate, requests: number) => {
      (all[fate][minute] as number) += requests;
    };
    const hour = HOURS[Math.floor((minute % MINUTES_A_DAY) / 60)] ?? 0;
    const requests = random.poisson((logoutsADay * hour) / WHOLE_DAY / 60);
    newCalls[minute] = isIn(rollout, minute) ? random.binomial(requests, rollout?.share ?? 0) : 0;
    const exposed = isIn(fault, minute) ? (rollout ? (newCalls[minute] ?? 0) : requests) : 0;
    const hit = random.binomial(exposed, fault?.share ?? 0);
    let healthy = requests - hit;
    if (fault) count(fault.as, hit);
    for (const [fate, share] of [
      ['connection_not_found', refusals],
      ['store_unavailable', 0.00005],
      ['slow', 0.005],
      ['repeated', 0.03],
    ] as const) {
      const some = random.binomial(healthy, share);
      healthy -= some;
      count(fate, some);
    }
    count('logged_out', healthy);
    refused[minute] = all.connection_not_found[minute] as number;
    forbidden[minute] = all.forbidden[minute] as number;
    for (const one of noise) if (isIn(one, minute)) count(one.as, one.aMinute);
    // The probe's request is 404, and is wrong where a fault hits it.
    const isHit = fault && !fault.sparesProbe && isIn(fault, minute) && random.binomial(1, fault.share) > 0;
    const probed = isHit && !rollout ? fault.as : 'connection_not_found';
    count(probed, 1);
    probeFailures[minute] = Number(!['connection_not_found', 'slow'].includes(probed));
  }

  const sum = (...fates: Fate[]) =>
    counts().map((_, minute) => fates.reduce((total, fate) => total + (all[fate][minute] ?? 0), 0));
  const failed = sum('store_unavailable', 'internal_error', 'crash');
  const requests = sum(...FATES.filter((fate) => fate !== 'unreachable'));
  const singles = (as: Fate) => noise.filter((one) => one.as === as);
  const stack = 'connection-logout-prod';
  const alias = 'FunctionName=LogoutFunction Resource=LogoutFunction:live';
  const version = 'LogoutFunctionCurrentVersion';
  const recording: Recording = {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    'AWS/ApiGateway Count ApiId=ApiHttpApi Stage=$default': series(requests),
    'AWS/ApiGateway 5xx ApiId=ApiHttpApi Stage=$default': series(failed, requests),
    'AWS/ApiGateway Latency ApiId=ApiHttpApi Stage=$default': series(all.slow, requests, 3_000),
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
    [`AWS/Lambda Errors ${alias}`]: series(all.crash, requests),
    [`AWS/Lambda Invocations ExecutedVersion=${version} ${alias}`]: series(newCalls),
    [`AWS/Lambda Errors ExecutedVersion=${version} ${alias}`]: series(all.crash, newCalls),
    'AWS/Lambda Errors FunctionName=MonitoringProbeWatchFunction': series(probeFailures, counts().fill(1)),
    // Metric filters, rules of Contributor Insights, and the embedded metrics of the function's lines.
    [`ConnectionLogout/${stack} throttled`]: series(all.throttled, requests),
    [`ConnectionLogout/${stack} failures function_version=${version}`]: series(
      sum('store_unavailable', 'internal_error'),
    ),
    [`ConnectionLogout/${stack} defects function_version=${version}`]: series(all.internal_error),
    [`${stack}-refused-terminals`]: contributors(refused, terminals, singles('connection_not_found')),
    [`${stack}-refused-addresses`]: contributors(forbidden, addresses, singles('forbidden')),
    ...Object.fromEntries(
      OUTCOMES.map((outcome) => [
        `ConnectionLogout requests outcome=${outcome} stage=prod`,
        series(outcome === 'logged_out' ? sum('logged_out', 'slow') : all[outcome]),
      ]),
    ),
  };
  return { recording, minutes };
}

/** Random numbers that are the same in each run: mulberry32, by Tommy Ettinger, in the public domain. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  poisson(mean: number): number {
    if (mean > 50) {
      const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
    }
    const limit = Math.exp(-mean);
    let events = 0;
    for (let product = this.next(); product > limit; product *= this.next()) events++;
    return events;
  }

  binomial(trials: number, chance: number): number {
    if (chance >= 1) return trials;
    if (trials >= 30) return Math.min(trials, this.poisson(trials * chance));
    return Array.from({ length: trials }, () => this.next()).filter((value) => value < chance).length;
  }
}
