import type { Sample } from '../../support/metric-samples.ts';
import type { ReplayedRequest, Story } from '../../support/night.ts';

/** When an alarm fires, and when it is over, in minutes from the start. Without the latter it is on to the end. */
export type Firing = readonly [fires: number, over?: number];

/** Something that happens, and the alarms that fire by it. All others must be silent. */
export interface Scenario {
  readonly name: string;
  readonly minutes: number;
  readonly story: Story;
  /** Values of what no request makes: the account's concurrency, the certificate. */
  readonly more?: readonly Sample[];
  readonly fires: Readonly<Record<string, Firing>>;
}

const loggedOut: ReplayedRequest = { outcome: 'logged_out', latencyMs: 30 };
const coldStart: ReplayedRequest = { outcome: 'logged_out', latencyMs: 900, durationMs: 400 };
const repeated: ReplayedRequest = { outcome: 'repeated', latencyMs: 30 };
const notFound: ReplayedRequest = { outcome: 'connection_not_found', latencyMs: 30 };
const unavailable: ReplayedRequest = { outcome: 'store_unavailable', latencyMs: 450 };
const throttledAway: ReplayedRequest = { ...unavailable, throttledWrites: 3 };
const throttledOnce: ReplayedRequest = { ...loggedOut, latencyMs: 130, throttledWrites: 1 };
const defect: ReplayedRequest = { outcome: 'internal_error', latencyMs: 20 };
const crashed: ReplayedRequest = { call: 'failed', status: 500, latencyMs: 300 };
const turnedAway: ReplayedRequest = { call: 'throttled', status: 503, latencyMs: 10 };
const uncallable: ReplayedRequest = { status: 500, latencyMs: 10 };
const unauthorized: ReplayedRequest = { status: 401, latencyMs: 5 };
const slowTable: ReplayedRequest = { ...loggedOut, latencyMs: 3_100 };
const nearlyCutOff: ReplayedRequest = { ...loggedOut, latencyMs: 9_000 };

const times = (count: number, request: ReplayedRequest) => Array.from({ length: count }, () => request);

/** Day: two requests a second, in fifty of which one is refused. */
const day = (but: readonly ReplayedRequest[] = []) => [
  ...but,
  ...times(118 - but.length, loggedOut),
  ...times(2, notFound),
];
/** Night: a request every five minutes, and each finds a cold function. */
const night: Story = (minute) => (minute % 5 === 0 ? [coldStart] : []);

const during =
  (from: number, to: number, bad: Story, good: Story): Story =>
  (minute) =>
    minute >= from && minute < to ? bad(minute) : good(minute);

const accountConcurrency = (claimed: (minute: number) => number): Sample[] =>
  Array.from({ length: 60 }, (_, minute) =>
    ['ClaimedAccountConcurrency', 'ConcurrentExecutions'].map((name) => ({
      metric: { namespace: 'AWS/Lambda', name, dimensions: {} },
      at: minute * 60,
      value: claimed(minute),
    })),
  ).flat();

/** The certificate of the template that is replayed. */
export const CERTIFICATE_ARN =
  'arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
const DAY = 24 * 60;
const certificate = (days: readonly number[]): Sample[] =>
  days.map((value, index) => ({
    metric: {
      namespace: 'AWS/CertificateManager',
      name: 'DaysToExpiry',
      dimensions: { CertificateArn: CERTIFICATE_ARN },
    },
    at: index * DAY * 60,
    value,
  }));

/** What may happen. Every alarm must fire in one of them and be silent in others. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'no traffic at all', minutes: 480, story: () => [], fires: {} },
  { name: 'a healthy night: cold starts, and nothing else', minutes: 480, story: night, fires: {} },
  {
    name: 'a healthy night with a repeat, a 404 and once in three hours a 503',
    minutes: 720,
    story: (minute) => {
      if (minute % 180 === 7) return [unavailable];
      if (minute % 60 === 8) return [repeated, notFound];
      return night(minute);
    },
    fires: {},
  },
  { name: 'a healthy day', minutes: 60, story: () => day(), fires: {} },
  {
    name: 'a healthy day: every minute one request of 120 meets a throttle once, every other a 503',
    minutes: 60,
    story: (minute) => day(minute % 4 === 0 ? [unavailable] : []),
    // One in 120 is below one in a hundred.
    fires: {},
  },
  {
    name: 'one bad terminal at night: 404 every five seconds for two hours',
    minutes: 240,
    story: during(60, 180, () => times(12, notFound), night),
    fires: {},
  },
  {
    name: 'one bad terminal at night: a wrong token every five seconds, turned away by the gateway',
    minutes: 240,
    story: during(60, 180, () => times(12, unauthorized), night),
    fires: {},
  },
  {
    name: 'a shop opens: a fifth of the requests are 404 for half an hour',
    minutes: 60,
    story: during(
      10,
      40,
      () => [...times(96, loggedOut), ...times(24, notFound)],
      () => day(),
    ),
    fires: {},
  },
  {
    name: 'the token issuer is broken by day: every request is 401',
    minutes: 60,
    story: during(
      10,
      30,
      () => times(120, unauthorized),
      () => day(),
    ),
    fires: { 'gateway-4xx': [20, 40] },
  },
  {
    name: 'a new release of the terminals sends a wrong field: two fifths are refused',
    minutes: 60,
    story: () => [...times(72, loggedOut), ...times(48, { outcome: 'invalid_connection', latencyMs: 10 })],
    fires: { 'gateway-4xx': [10] },
  },
  {
    name: 'one request an hour, and the table cannot be reached',
    minutes: 720,
    // Nobody is told: repeating is the terminal's part, and then it is more than one an hour.
    story: (minute) => (minute % 60 === 0 ? [unavailable] : []),
    fires: {},
  },
  {
    name: 'one request every three minutes, as a terminal repeats it, and the table cannot be reached',
    minutes: 60,
    story: (minute) => (minute % 3 === 0 ? [unavailable] : []),
    fires: { 'gateway-5xx': [7], 'store-unavailable': [7] },
  },
  {
    name: 'one request an hour, and every one meets a defect',
    minutes: 90,
    story: (minute) => (minute % 60 === 0 ? [defect] : []),
    fires: { 'internal-error': [1, 71] },
  },
  {
    name: 'a single defect in a busy day',
    minutes: 60,
    story: (minute) => day(minute === 20 ? [defect] : []),
    fires: { 'internal-error': [21, 31] },
  },
  {
    name: 'a single crash at night',
    minutes: 60,
    story: (minute) => (minute === 20 ? [crashed] : night(minute)),
    fires: { 'function-errors': [21, 31] },
  },
  {
    name: 'a bad version as a canary: a tenth of the requests meet a defect',
    minutes: 30,
    story: during(
      10,
      15,
      () => day(times(12, defect)),
      () => day(),
    ),
    fires: { 'internal-error': [11, 25], 'gateway-5xx': [13, 23] },
  },
  {
    name: 'a bad version as a canary: a tenth of the calls do not start',
    minutes: 30,
    story: during(
      10,
      15,
      () => day(times(12, crashed)),
      () => day(),
    ),
    fires: { 'function-errors': [11, 25], 'gateway-5xx': [13, 23] },
  },
  {
    name: 'a bad version as a canary: a tenth of the requests take nine seconds',
    minutes: 30,
    story: during(
      10,
      15,
      () => day(times(12, nearlyCutOff)),
      () => day(),
    ),
    fires: { 'gateway-latency': [13, 23], 'function-duration': [13, 23] },
  },
  {
    name: 'one request takes nine seconds, and another an hour later',
    minutes: 120,
    story: (minute) => (minute % 60 === 20 ? [nearlyCutOff] : night(minute)),
    fires: {},
  },
  {
    name: 'every request meets a defect',
    minutes: 30,
    story: during(
      10,
      30,
      () => times(120, defect),
      () => day(),
    ),
    fires: { 'internal-error': [11], 'gateway-5xx': [13] },
  },
  {
    name: 'every request fails at the gateway, which may not call the function any more',
    minutes: 30,
    story: during(
      10,
      30,
      () => times(120, uncallable),
      () => day(),
    ),
    fires: { 'gateway-5xx': [13] },
  },
  {
    name: 'the table throttles everything for ten minutes',
    minutes: 60,
    story: during(
      10,
      20,
      () => times(120, throttledAway),
      () => day(),
    ),
    fires: { 'table-throttles': [13, 28], 'store-unavailable': [13, 28], 'gateway-5xx': [13, 28] },
  },
  {
    name: 'the table throttles everything for ten minutes, at night, and then nobody calls',
    minutes: 90,
    story: during(
      10,
      20,
      () => times(2, throttledAway),
      () => [],
    ),
    fires: { 'table-throttles': [13, 28], 'store-unavailable': [13, 28], 'gateway-5xx': [13, 28] },
  },
  {
    name: 'a hot key: some writes of every minute are throttled, and succeed the second time',
    minutes: 60,
    story: during(
      10,
      30,
      () => day(times(10, throttledOnce)),
      () => day(),
    ),
    fires: { 'table-throttles': [13, 38] },
  },
  {
    name: 'the table grows: throttled for one minute',
    minutes: 60,
    story: during(
      10,
      11,
      () => day(times(20, throttledOnce)),
      () => day(),
    ),
    fires: {},
  },
  {
    name: 'DynamoDB fails one attempt in ten, and the second time succeeds',
    minutes: 60,
    story: during(
      10,
      30,
      () => day(times(12, { ...loggedOut, systemErrors: 1 })),
      () => day(),
    ),
    fires: { 'table-system-errors': [13, 38] },
  },
  {
    name: 'DynamoDB fails one attempt',
    minutes: 60,
    story: (minute) => day(minute === 10 ? [{ ...loggedOut, systemErrors: 1 }] : []),
    fires: {},
  },
  {
    name: 'the table is slow, by day',
    minutes: 60,
    story: during(
      10,
      20,
      () => times(120, slowTable),
      () => day(),
    ),
    fires: { 'gateway-latency': [13, 28] },
  },
  {
    name: 'the table is slow, at night: three requests in ten minutes',
    minutes: 60,
    story: (minute) => (minute >= 10 && minute < 19 && minute % 4 === 2 ? [slowTable] : []),
    fires: { 'gateway-latency': [19, 21] },
  },
  {
    name: 'a wave at closing time: twenty times the requests, and cold starts',
    minutes: 40,
    story: during(
      10,
      20,
      () => [...times(20, coldStart), ...times(580, loggedOut)],
      () => times(6, loggedOut),
    ),
    fires: {},
  },
  {
    name: 'Lambda turns a tenth of the calls away',
    minutes: 40,
    story: during(
      10,
      20,
      () => day(times(12, turnedAway)),
      () => day(),
    ),
    fires: { 'function-throttles': [13, 28], 'gateway-5xx': [13, 28] },
  },
  {
    name: 'Lambda turns calls away for a moment',
    minutes: 40,
    story: during(
      10,
      11,
      () => day(times(30, turnedAway)),
      () => day(),
    ),
    fires: {},
  },
  {
    name: "half of the account's concurrency is taken",
    minutes: 60,
    story: () => day(),
    more: accountConcurrency(() => 500),
    fires: {},
  },
  {
    name: "another function takes the account's concurrency",
    minutes: 60,
    story: () => day(),
    more: accountConcurrency((minute) => (minute >= 10 && minute < 30 ? 850 : 200)),
    fires: { 'account-concurrency': [13, 38] },
  },
  {
    name: 'the certificate is renewed in time',
    minutes: 40 * DAY,
    story: () => [],
    more: certificate([
      ...Array.from({ length: 20 }, (_, day) => 60 - day),
      ...Array.from({ length: 20 }, () => 395),
    ]),
    fires: {},
  },
  {
    name: 'the certificate is not renewed, expires, and has no values any more',
    minutes: 60 * DAY,
    story: () => [],
    more: certificate(Array.from({ length: 41 }, (_, day) => 40 - day)),
    fires: { 'certificate-expiry': [12 * DAY] },
  },
];
