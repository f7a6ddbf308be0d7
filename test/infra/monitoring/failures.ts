import type { Fault, FleetOptions } from '../../support/fleet.ts';

/** Something that happens to a fleet. */
export interface Failure {
  /** As the table of the runbook names it. */
  readonly name: string;
  /** The ids of the alarms that may fire, in one of the fleets at least. All others are silent. */
  readonly alarms: readonly string[];
  readonly fleet: Omit<FleetOptions, 'logoutsADay' | 'days'>;
}

/** How long a failure is replayed: a healthy day before it, so that every window is full, and the day on which it is. */
export const FAILURE_DAYS = 2;

/** When each failure begins, in minutes: at eleven o'clock. */
export const FAILURE_START = 1_440 + 11 * 60;

const EIGHT_HOURS = 480;

/** From the start on, for so many minutes. */
const during =
  <T>(minutes: number, value: T, otherwise: T) =>
  (minute: number): T =>
    minute >= FAILURE_START && minute < FAILURE_START + minutes ? value : otherwise;

/** A part of the terminals' requests is hit for eight hours. */
const hit = (share: number, as: Fault['as'], probe?: Fault['probe']): Failure['fleet'] => ({
  faults: during(EIGHT_HOURS, [{ share, as, probe }], []),
});

/** A new version gets a tenth of the traffic for ten minutes, and a part of that is hit. */
const canary = (share: number, as: Fault['as']): Failure['fleet'] => ({
  faults: during(10, [{ share, as }], []),
  newVersion: during(10, 0.1, 0),
});

const BUDGET = ['failing', 'failing-slowly'];

/** What the table of the runbook shows, in its order. */
export const FAILURES: readonly Failure[] = [
  { name: 'No terminal reaches the gateway', alarms: ['probe'], fleet: hit(1, 'unreachable') },
  { name: 'The table cannot be reached', alarms: ['probe', ...BUDGET], fleet: hit(1, 'store_unavailable') },
  {
    name: 'Every call of the function crashes',
    alarms: ['probe', ...BUDGET, 'defect', 'blind'],
    fleet: hit(1, 'crash'),
  },
  {
    name: '4 % of the requests get 503',
    alarms: ['probe', ...BUDGET],
    fleet: hit(0.04, 'store_unavailable'),
  },
  { name: '1 % of the requests get 503', alarms: BUDGET, fleet: hit(0.01, 'store_unavailable') },
  {
    name: 'One request in a hundred meets a defect',
    alarms: ['failing-slowly', 'defect'],
    fleet: hit(0.01, 'internal_error', 'spared'),
  },
  { name: 'One request in a million crashes', alarms: ['defect'], fleet: hit(1e-6, 'crash', 'spared') },
  {
    name: 'The gateway throttles half of the requests',
    alarms: ['probe', ...BUDGET],
    fleet: hit(0.5, 'throttled'),
  },
  {
    name: 'The function refuses every request',
    alarms: ['refused-widely', 'refused-partly'],
    fleet: hit(1, 'connection_not_found', 'spared'),
  },
  {
    name: 'The authorizer refuses every request',
    alarms: ['refused-widely', 'refused-partly'],
    fleet: hit(1, 'unauthorized', 'spared'),
  },
  {
    name: 'One model, a fifth of the terminals, is refused',
    alarms: ['refused-partly'],
    fleet: hit(0.2, 'invalid_connection', 'spared'),
  },
  {
    name: 'One terminal in a loop is refused 20 times a minute',
    alarms: [],
    fleet: { looping: during(EIGHT_HOURS, 20, 0) },
  },
  { name: 'A fifth of the answers take 3 s', alarms: ['slow'], fleet: hit(0.2, 'slow') },
  {
    name: 'The table throttles a tenth of the writes',
    alarms: ['table-throttles'],
    fleet: { throttledWrites: during(EIGHT_HOURS, 0.1, 0) },
  },
  { name: "The service's own metrics are lost", alarms: ['blind'], fleet: hit(1, 'unmeasured') },
  {
    name: 'Rollout: half of the new requests meet a defect',
    alarms: ['defect', 'rollout-defects', 'rollout-failures'],
    fleet: canary(0.5, 'internal_error'),
  },
  {
    name: 'Rollout: a fifth of the new requests get 503',
    alarms: ['rollout-failures'],
    fleet: canary(0.2, 'store_unavailable'),
  },
  {
    name: 'Rollout: half of the new requests are refused',
    alarms: ['rollout-refusals'],
    fleet: canary(0.5, 'invalid_connection'),
  },
];
