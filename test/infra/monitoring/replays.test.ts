import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { domain, resources, synthStack } from '../synth.ts';
import { type Message, replayAlarms } from './alarm-replay.ts';
import { type Fleet, simulateFleet } from './fleet.ts';

/** Logouts a day. */
const SIZES = [100, 1_000, 100_000, 10_000_000];
const DAY = 1_440;
/** On the second day, after one that fills every window. */
const at = (hour: number) => DAY + hour * 60;
/** How long a failure lasts. */
const DURATION = 8 * 60;
const alarms = resources(synthStack().template);

/** Messages count from here on: the alarm of the probe is on for its first four hours, as after a first deployment. */
const SETTLED = 5 * 60;

const replayed = new Map<string, Message[]>();

/** @returns the messages of a fleet after the first hours. What was replayed once is not replayed again. */
function replayFleet(fleet: Fleet): Message[] {
  const key = JSON.stringify(fleet);
  const known = replayed.get(key);
  if (known) return known;
  const { recording, minutes } = simulateFleet(fleet);
  const messages = replayAlarms(alarms, recording, minutes).filter(({ minute }) => minute >= SETTLED);
  replayed.set(key, messages);
  return messages;
}

type Failure = Omit<Fleet, 'logoutsADay' | 'days'>;
type FleetFault = NonNullable<Fleet['fault']>;

/** A part of the requests meets a fault. */
const hit =
  (share: number, as: FleetFault['as'], more: Partial<FleetFault> = {}, addresses?: number) =>
  (from: number): Failure => ({
    ...(addresses && { addresses }),
    fault: { from, to: from + DURATION, share, as, ...more },
  });
/** A new version gets a tenth of the traffic for ten minutes, and a part of that meets a fault. */
const canary = (share: number, as: FleetFault['as']) => (from: number) => ({
  rollout: { from, to: from + 10, share: 0.1 },
  fault: { from, to: from + 10, share, as },
});
const SPARED = { sparesProbe: true };

/** Each failure, the alarms that it may raise, and within how many minutes one of them is a page. */
const FAILURES: Record<string, readonly [(from: number) => Failure, alarms: string, pageWithin?: number]> = {
  'No terminal reaches the gateway': [hit(1, 'unreachable'), 'probe', 4],
  'The table cannot be reached: 503': [hit(1, 'store_unavailable'), 'probe failing failing-slowly', 4],
  'The table is gone: 500': [hit(1, 'internal_error'), 'probe failing failing-slowly defect', 4],
  'Every start crashes: 500': [hit(1, 'crash'), 'probe failing failing-slowly defect', 4],
  'Half of the requests get 503': [hit(0.5, 'store_unavailable'), 'probe failing failing-slowly', DURATION],
  'Half of the requests get 429': [hit(0.5, 'throttled'), 'probe failing failing-slowly', DURATION],
  '4 % of the requests get 503': [hit(0.04, 'store_unavailable'), 'probe failing failing-slowly', DURATION],
  'One in a hundred meets a defect, but no probe': [
    hit(0.01, 'internal_error', SPARED),
    'failing failing-slowly defect',
  ],
  'The function refuses all: 404': [
    hit(1, 'connection_not_found', SPARED),
    'refused-widely refused-partly',
    DURATION,
  ],
  'The gateway refuses all: 403': [
    hit(1, 'forbidden', SPARED),
    'refused-widely refused-partly no-logouts',
    DURATION,
  ],
  'The gateway refuses all, behind one address: 403': [hit(1, 'forbidden', SPARED, 1), 'no-logouts'],
  'The gateway refuses all, behind two addresses: 403': [hit(1, 'forbidden', SPARED, 2), 'no-logouts'],
  'No body can be read: 400': [hit(1, 'malformed_body', SPARED), 'no-logouts'],
  'A fifth of the terminals is refused': [hit(0.2, 'connection_not_found', SPARED), 'refused-partly'],
  'A fifth of the requests takes 3 s': [hit(0.2, 'slow'), 'slow'],
  'Canary: half of its requests meet a defect': [
    canary(0.5, 'internal_error'),
    'rollout-defects rollout-failures defect',
  ],
  'Canary: a fifth of its requests gets 503': [canary(0.2, 'store_unavailable'), 'rollout-failures'],
};

/** What one terminal at one address, or a scanner, sends by day and again by night. */
const repeat = (as: FleetFault['as'], aMinute: number, minutes: number, hours = [11, 3]) =>
  hours.map((hour) => ({ as, aMinute, from: at(hour), to: at(hour) + minutes }));
const LOOP = repeat('connection_not_found', 20, 300);
const FORBIDDEN = repeat('forbidden', 60, 300);
const FORBIDDEN_ONCE = repeat('forbidden', 1, 1, [11]);

/** Noise that needs no action. */
const NOISE: Record<string, Failure> = {
  'a scanner that asks for other paths ten times a second': { noise: repeat('other_path', 600, 120) },
  'a terminal in a loop, 20 times a minute, and one whose expired credentials the gateway refuses each second':
    { noise: [...LOOP, ...FORBIDDEN] },
  'three terminals with expired credentials, one of them in a loop': {
    noise: [...FORBIDDEN.slice(0, 1), ...FORBIDDEN_ONCE, ...FORBIDDEN_ONCE],
  },
  'one terminal with expired credentials in a fleet behind one address': { noise: FORBIDDEN, addresses: 1 },
  'one terminal with expired credentials in a fleet behind two addresses': { noise: FORBIDDEN, addresses: 2 },
  'a crash of one request in a million': hit(1e-6, 'crash', SPARED)(at(11)),
  'one crash by night': { noise: repeat('crash', 1, 1, [3]) },
};

describe.each(SIZES)('%i logouts a day', (logoutsADay) => {
  test('where a twentieth is refused all the time no alarm fires in 28 days', () => {
    expect(replayFleet({ logoutsADay, days: 28, refusals: 0.05 })).toEqual([]);
  });

  test.each(Object.entries(NOISE))('no alarm fires for %s', (_name, fleet) => {
    expect(replayFleet({ ...fleet, logoutsADay, days: 2 })).toEqual([]);
  });

  test.each(
    Object.entries(FAILURES).flatMap(([name, [failure, alarms, pageWithin]]) =>
      [11, 2].map((hour) => ({ name, hour, failure, expected: alarms.split(' '), pageWithin })),
    ),
  )(
    '$name, from $hour:00: only its alarms fire, none before it, each sends four messages at most, and a page is in time',
    ({ hour, failure, expected, pageWithin }) => {
      const messages = replayFleet({ ...failure(at(hour)), logoutsADay, days: 2 });
      for (const { alarm, minute } of messages) {
        expect(expected).toContain(alarm);
        expect(minute).toBeGreaterThanOrEqual(at(hour));
        // Only a page has a message for its end.
        const sent = messages.filter(
          (other) => other.alarm === alarm && (other.state === 'ALARM' || other.to === 'page'),
        );
        if (!alarm.startsWith('rollout-')) expect(sent.length).toBeLessThanOrEqual(4);
      }
      // In a small fleet chance may be the cause of whatever does not hit every request.
      if (pageWithin === undefined || (logoutsADay < 1_000 && pageWithin > 4)) return;
      const pages = messages.filter(({ to, state }) => to === 'page' && state === 'ALARM');
      const first = Math.min(...pages.map(({ minute }) => minute));
      expect(first + 1 - at(hour)).toBeLessThanOrEqual(pageWithin);
    },
  );
});

/** Replays one alarm over its only metric, which has a value, or none, for each minute at which a window ends. */
function replayOne(id: string, metric: string, minutes: number, valueAt: (minute: number) => number) {
  const one = Object.entries(resources(synthStack(domain).template)).filter(
    ([, { Properties }]) => Properties.AlarmName === `connection-logout-prod-${id}`,
  );
  const recording = { [metric]: (_statistic: string, _from: number, to: number) => valueAt(to) };
  return replayAlarms(Object.fromEntries(one), recording, minutes).filter(({ minute }) => minute >= SETTLED);
}

test('a probe that does not run any more is a page after five minutes', () => {
  const metric = 'AWS/Lambda Errors FunctionName=MonitoringProbeWatchFunction';
  const stopped = at(11);
  expect(replayOne('probe', metric, 2 * DAY, (minute) => (minute <= stopped ? 0 : Number.NaN))).toEqual([
    { alarm: 'probe', minute: stopped + 4, state: 'ALARM', to: 'page' },
  ]);
});

test('a certificate that is not renewed is a ticket when 29 days are left, and stays one when it has expired', () => {
  // https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html
  const metric = `AWS/CertificateManager DaysToExpiry CertificateArn=${domain.certificateArn}`;
  const daysLeft = (minute: number) => (minute < 40 * DAY ? 40 - Math.floor(minute / DAY) : Number.NaN);
  expect(replayOne('certificate', metric, 50 * DAY, daysLeft)).toEqual([
    { alarm: 'certificate', minute: 11 * DAY, state: 'ALARM', to: 'ticket' },
  ]);
});

test('the tables of the runbook have the saved queries, and the minutes until each alarm fires', async () => {
  const queries = Object.entries(SAVED_QUERIES).map(([id, { question }]) => [`\`${id}\``, question]);
  const times = Object.entries(FAILURES).map(([name, [failure]]) => [
    name,
    ...SIZES.map((logoutsADay) => cell(replayFleet({ ...failure(at(11)), logoutsADay, days: 2 }))),
  ]);
  const page = `# Tables of the runbook

A test writes this page: \`npx vitest run -u\`.

## Saved queries

In the console they are in CloudWatch, Logs Insights, Saved queries; replace \`PASTE-HERE\` there.

${table(['Query', 'Question'], queries)}

## How soon an alarm fires

Minutes from the start of a failure at 11:00, where data arrives a minute late, by logouts a day. In bold the first page; before it, or alone, the first alarm that is not a page. – means that none fires: so few requests fail that it may be chance.

${table(['Failure', ...SIZES.map((size) => size.toLocaleString('en'))], times)}
`;
  await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/runbook-tables.md'));
});

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** The first page, and what fires before it or alone. */
function cell(messages: readonly Message[]): string {
  const fired = messages
    .filter(({ state }) => state === 'ALARM')
    // In the same minute a page goes before a rollout, and that before a ticket.
    .toSorted((a, b) => a.minute - b.minute || a.to.localeCompare(b.to));
  const page = fired.find(({ to }) => to === 'page');
  const shown = new Set([...fired.slice(0, 1), ...(page ? [page] : [])]);
  const texts = [...shown].map((one) => {
    const text = `${one.alarm} ${one.minute + 1 - at(11)}`;
    return one === page ? `**${text}**` : text;
  });
  return texts.join(', ') || '–';
}
