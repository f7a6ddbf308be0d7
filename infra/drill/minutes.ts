import { replay, type TemplateAlarm } from '../../test/support/alarm-replay.ts';
import { type MeasuredResources, recordingOf, type Sample } from '../../test/support/metric-samples.ts';
import { type Recording, samplesOf } from './recording.ts';

/** How long healthy traffic is replayed before the fault, then the fault, then healthy traffic again, in minutes. */
export const MINUTES = { before: 10, fault: 20, after: 40 } as const;

/** An alarm that fired. */
export interface Firing {
  readonly alarm: TemplateAlarm;
  /** Minutes from the beginning of the fault. */
  readonly firesAfter: number;
  /** Minutes from the end of the fault; absent if it was on to the end. */
  readonly overAfter?: number;
}

/**
 * Says which alarms fire. Alarms judge minutes and a drill lasts seconds, so both recordings are played in a loop, each
 * at the pace at which it was recorded: nothing is made up, but that it goes on like that. Where values are missing
 * CloudWatch may look some periods further back, it does not say how many, and an alarm ends that much later.
 *
 * @param alarms the alarms of the template.
 * @param measured what they measure.
 * @param healthy what was recorded while nothing was broken.
 * @param broken what was recorded while the fault lasted.
 * @returns those that fire, in the alarms' order.
 */
export function firings(
  alarms: readonly TemplateAlarm[],
  measured: MeasuredResources,
  healthy: Recording,
  broken: Recording,
): Firing[] {
  const { before, fault, after } = MINUTES;
  const loop = (recording: Recording): Loop => ({
    samples: samplesOf(recording, measured),
    seconds: (recording.to - recording.from) / 1_000,
  });
  const [good, bad] = [loop(healthy), loop(broken)];
  const recording = recordingOf([
    ...looped(good, 0, before),
    ...looped(bad, before, before + fault),
    ...looped(good, before + fault, before + fault + after),
  ]);
  return alarms.flatMap((alarm) => {
    const { firedAfter, endedAfter } = replay(alarm, recording, (before + fault + after) * 60, {
      lookBack: 0,
    });
    if (firedAfter === undefined) return [];
    const firesAfter = firedAfter / 60 - before;
    return [
      {
        alarm,
        firesAfter,
        ...(endedAfter !== undefined && { overAfter: endedAfter / 60 - before - fault }),
      },
    ];
  });
}

/** Samples, and how many seconds they last. */
interface Loop {
  readonly samples: readonly Sample[];
  readonly seconds: number;
}

function looped({ samples, seconds }: Loop, fromMinute: number, toMinute: number): Sample[] {
  const [start, end] = [fromMinute * 60, toMinute * 60];
  const rounds = Math.ceil((end - start) / seconds);
  return Array.from({ length: rounds }, (_, round) => start + round * seconds).flatMap((offset) =>
    samples
      .map((sample) => ({ ...sample, at: sample.at + offset }))
      .filter(({ at }) => at >= start && at < end),
  );
}
