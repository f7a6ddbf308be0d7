import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  combine,
  compositeAlarmsOf,
  type MetricAlarm,
  metricAlarmsOf,
  type ReplayOptions,
  replay,
} from '../../support/alarm-replay.ts';
import { type FleetOptions, measuredResources, simulateFleet } from '../../support/fleet.ts';
import { metricKey, Series } from '../../support/metric-series.ts';
import { domain, resources, synthStack } from '../synth.ts';
import { FAILURE_DAYS, FAILURE_START, FAILURES, type Failure } from './failures.ts';

/** Logouts a day. */
const FLEETS = [100, 1_000, 100_000, 10_000_000];

const { template, stackName } = synthStack(domain);
const all = resources(template) as never;
const measured = measuredResources(all, stackName);
const metricAlarms = metricAlarmsOf(all);
const composites = compositeAlarmsOf(all);
const parts = composites.flatMap(({ of }) => of);
const pages = new Set(
  Object.values(resources(template)).flatMap(({ Properties }) =>
    Properties?.OKActions === undefined ? [] : idOf(Properties.AlarmName),
  ),
);

function idOf(alarmName: string): string {
  return alarmName.slice(stackName.length + 1);
}

/** Replays a fleet. @returns the minutes after which each alarm fired, without the parts of composite ones. */
function replayFleet(options: FleetOptions): Map<string, readonly number[]> {
  const { recording, steps } = simulateFleet(options, measured);
  const replays = new Map(metricAlarms.map((alarm) => [alarm.name, replay(alarm, recording, steps)]));
  for (const composite of composites) {
    replays.set(
      composite.name,
      combine(
        composite,
        composite.of.map((name) => replays.get(name) as never),
      ),
    );
  }
  return new Map(
    [...replays].flatMap(([name, { firedAfter }]) =>
      parts.includes(name) || firedAfter.length === 0 ? [] : [[idOf(name), firedAfter]],
    ),
  );
}

/** For each failure and fleet, in minutes from its start, when each alarm fired first. */
let firings: ReadonlyMap<Failure, readonly ReadonlyMap<string, number>[]>;

beforeAll(() => {
  firings = new Map(
    FAILURES.map((failure) => [
      failure,
      FLEETS.map((logoutsADay) => {
        const fired = replayFleet({ ...failure.fleet, logoutsADay, days: FAILURE_DAYS });
        return new Map([...fired].map(([id, [first = 0]]) => [id, first - FAILURE_START]));
      }),
    ]),
  );
}, 60_000);

test.each(FLEETS)('no alarm fires in a healthy month of %i logouts a day', (logoutsADay) => {
  expect(replayFleet({ logoutsADay, days: 28 })).toEqual(new Map());
});

test.each(FAILURES.map((failure) => [failure.name, failure] as const))(
  '%s: no other alarms fire than those of the failure, and none before it',
  (_name, failure) => {
    const fired = firings.get(failure) ?? [];
    expect(new Set(fired.flatMap((alarms) => [...alarms.keys()]))).toEqual(new Set(failure.alarms));
    for (const alarms of fired) for (const minute of alarms.values()) expect(minute).toBeGreaterThan(0);
  },
);

test('the runbook shows the minutes until the first page, and of a rollback or ticket that comes before or alone', () => {
  const runbook = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
  const rows = FAILURES.map((failure) => [failure.name, ...(firings.get(failure) ?? []).map(cell)]);
  const head = ['Logouts a day', ...FLEETS.map((fleet) => fleet.toLocaleString('en'))];
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  expect(runbook).toContain(table);
});

/** The first page, in bold, and what fires sooner or without one. */
function cell(fired: ReadonlyMap<string, number>): string {
  const sorted = [...fired].toSorted(([, a], [, b]) => a - b);
  const page = sorted.find(([id]) => pages.has(id));
  const others = sorted.filter(([id]) => !pages.has(id));
  const other = others.find(([id]) => id.startsWith('rollout-')) ?? others[0];
  const shown = [
    page && `**${page[0]} ${page[1]}**`,
    other && (page === undefined || other[1] < page[1]) && `${other[0]} ${other[1]}`,
  ];
  return shown.filter(Boolean).join(', ') || '–';
}

describe('alarms that do not depend on the traffic', () => {
  const alarmOf = (id: string) => metricAlarms.find(({ name }) => idOf(name) === id) as MetricAlarm;
  const firedBy = (id: string, values: readonly number[], options: ReplayOptions) => {
    const alarm = alarmOf(id);
    const series = new Series(values.length);
    for (const value of new Set(values)) series.add(value, (step) => Number(values[step] === value));
    const recording = new Map(alarm.statistics.map(({ metric }) => [metricKey(metric), series]));
    return replay(alarm, recording, values.length, options).firedAfter[0];
  };
  /** One value a day, and none from the end on. */
  const daily = { stepSeconds: 86_400 };

  test('a certificate that is not renewed makes a ticket after 11 days of 40 and a page after 34', () => {
    const days = Array.from({ length: 41 }, (_, day) => 40 - day);
    expect(firedBy('certificate-30-days', days, daily)).toBe(12);
    expect(firedBy('certificate-7-days', days, daily)).toBe(35);
  });

  test('a certificate that is renewed 45 days before its end raises nothing', () => {
    const days = [60, 55, 50, 45, 395, 390];
    expect(firedBy('certificate-30-days', days, daily)).toBeUndefined();
    expect(firedBy('certificate-7-days', days, daily)).toBeUndefined();
  });

  test("80 % of the account's concurrency makes a ticket after three minutes, and a peak of two does not", () => {
    const used = [...Array(20).fill(200), ...Array(10).fill(850)];
    expect(firedBy('account-concurrency', used, { quota: 1_000 })).toBe(23);
    expect(firedBy('account-concurrency', used, { quota: 2_000 })).toBeUndefined();
    const peak = [...Array(20).fill(200), 850, 850, ...Array(20).fill(200)];
    expect(firedBy('account-concurrency', peak, { quota: 1_000 })).toBeUndefined();
  });

  test('a probe that does not run any more makes a page after three minutes', () => {
    const alarm = alarmOf('probe');
    const [{ metric } = { metric: undefined }] = alarm.statistics;
    const stopped = new Series(60).add(0, (minute) => Number(minute < 30));
    const { firedAfter } = replay(alarm, new Map([[metricKey(metric as never), stopped]]), 60);
    expect(firedAfter).toEqual([33]);
  });
});

test('every alarm is needed: it fires in a failure of the table or in one that does not depend on the traffic', () => {
  const needed = new Set(FAILURES.flatMap(({ alarms }) => alarms));
  for (const id of ['certificate-30-days', 'certificate-7-days', 'account-concurrency']) needed.add(id);
  const names = [...metricAlarms, ...composites].filter(({ name }) => !parts.includes(name));
  expect(new Set(names.map(({ name }) => idOf(name)))).toEqual(needed);
});
