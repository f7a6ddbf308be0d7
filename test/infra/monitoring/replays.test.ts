import { beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../infra/monitoring/metrics.ts';
import { alarmsOf, type ReplayOptions, replay, type TemplateAlarm } from '../../support/alarm-replay.ts';
import { type Recording, recordingOf } from '../../support/metric-samples.ts';
import { measuredResources, samplesOfStory } from '../../support/night.ts';
import { type LogLine, recordOutcomes } from '../../support/recorded-outcomes.ts';
import { resources, synthStack } from '../synth.ts';
import { CERTIFICATE_ARN, type Firing, SCENARIOS, type Scenario } from './stories.ts';

const domain = { domainName: 'logout.example.com', certificateArn: CERTIFICATE_ARN };
const own = stackOf(domain);
/** A table that the login service made: the alarms must watch that one. */
const existing = stackOf({ ...domain, tableName: 'login-connections' });

let lines: Readonly<Record<Outcome, LogLine>>;

beforeAll(async () => {
  lines = await recordOutcomes('prod');
});

function stackOf(settings: Record<string, unknown>) {
  const { template, stackName } = synthStack(settings);
  const all = resources(template) as never;
  return { alarms: alarmsOf(all), measured: measuredResources(all), stackName };
}

type Stack = ReturnType<typeof stackOf>;

/** Recordings take longer to make than to replay. */
const recordings = new Map<string, Recording>();

function record({ name, story, minutes, more = [] }: Scenario, stack: Stack): Recording {
  const key = `${name}|${stack === own}`;
  const recording =
    recordings.get(key) ?? recordingOf([...samplesOfStory(story, minutes, stack.measured, lines), ...more]);
  recordings.set(key, recording);
  return recording;
}

/** The alarms that fired, by the end of their names, with the minutes in which they did and were over. */
function firings(
  scenario: Scenario,
  stack: Stack,
  {
    alarms = stack.alarms,
    lookBack = 0,
    ...options
  }: ReplayOptions & { alarms?: readonly TemplateAlarm[] } = {},
): Record<string, Firing> {
  const recording = record(scenario, stack);
  const fired = alarms.flatMap((alarm): [string, Firing][] => {
    const { firedAfter, endedAfter } = replay(alarm, recording, scenario.minutes * 60, {
      lookBack,
      ...options,
    });
    if (firedAfter === undefined) return [];
    const id = alarm.name.slice(stack.stackName.length + 1);
    return [[id, endedAfter === undefined ? [firedAfter / 60] : [firedAfter / 60, endedAfter / 60]]];
  });
  return Object.fromEntries(fired);
}

/** When each alarm fired, without when it was over. */
const starts = (fired: Record<string, Firing>) =>
  Object.fromEntries(Object.entries(fired).map(([id, [minute]]) => [id, minute]));

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
  test('these alarms fire, at this minute, and no others', () => {
    expect(firings(scenario, own)).toEqual(scenario.fires);
  });

  test('it is the same with a table that exists outside of the stack', () => {
    expect(firings(scenario, existing)).toEqual(scenario.fires);
  });

  // CloudWatch looks back further than asked where values are missing, and does not say how far.
  test.each([2, 5])('they fire at the same minute when it looks %i periods further back', (lookBack) => {
    expect(starts(firings(scenario, own, { lookBack }))).toEqual(starts(scenario.fires));
  });

  test('alarms on the table do not depend on what AWS makes of minutes without a value', () => {
    const onTable = own.alarms.filter(({ statistics }) =>
      statistics.some(({ metric }) => metric.namespace === 'AWS/DynamoDB'),
    );
    const ignoring = onTable.map((alarm): TemplateAlarm => ({ ...alarm, treatMissingData: 'ignore' }));
    expect(firings(scenario, own, { alarms: ignoring })).toEqual(firings(scenario, own, { alarms: onTable }));
  });
});

describe.each(own.alarms.map(({ name }) => name.slice(own.stackName.length + 1)))('the alarm %s', (id) => {
  test('fires in a scenario, and is silent in several with traffic', () => {
    const [firing, silent] = [true, false].map((fires) =>
      SCENARIOS.filter((one) => id in one.fires === fires),
    );
    expect(firing?.length).toBeGreaterThanOrEqual(1);
    expect(silent?.length).toBeGreaterThanOrEqual(5);
  });
});

test('the scenarios name alarms that there are', () => {
  const ids = own.alarms.map(({ name }) => name.slice(own.stackName.length + 1));
  for (const { fires } of SCENARIOS) expect(ids).toEqual(expect.arrayContaining(Object.keys(fires)));
});

test('an account with a smaller quota is told sooner: the limit stands nowhere in the stack', () => {
  const half = SCENARIOS.find(({ name }) => name.startsWith('half of the account'));
  expect(firings(half as Scenario, own, { quota: 600 })).toEqual({ 'account-concurrency': [3] });
});
