import { writeValue } from '../synth.ts';
import type { Recording } from './metric-series.ts';

// biome-ignore lint/suspicious/noExplicitAny: the properties of a resource, each of which is read by name.
type Properties = any;

/** That an alarm fired, or that it is over. */
export interface Message {
  /** The end of the alarm's name. */
  readonly alarm: string;
  readonly minute: number;
  readonly state: 'ALARM' | 'OK';
  /** Whom it reaches. CodeDeploy gets none, but asks for the state. */
  readonly to: 'page' | 'ticket' | 'rollout';
}

/** CloudWatch looks at more periods than an alarm has, for those that are missing: at five where it has three. */
const MORE_PERIODS = 2;

/**
 * Replays the alarms of a template over a recording. Each minute CloudWatch judges windows that end then, with the data
 * that it has by then: that of the last minute has not arrived.
 *
 * @param resources those of the template, by logical id.
 * @param recording what was measured.
 * @param minutes how long it is.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function replayAlarms(resources: Properties, recording: Recording, minutes: number): Message[] {
  const states = new Map<string, Uint8Array>();
  for (const [id, { Type, Properties }] of Object.entries<Properties>(resources)) {
    if (Type === 'AWS::CloudWatch::Alarm') states.set(id, replayMetricAlarm(Properties, recording, minutes));
  }
  for (const [id, { Type, Properties }] of Object.entries<Properties>(resources)) {
    if (Type !== 'AWS::CloudWatch::CompositeAlarm') continue;
    const rule = writeValue(Properties.AlarmRule);
    if (/AND|NOT/.test(rule)) throw new Error(`${id} is not only OR`);
    const isOn = new Uint8Array(minutes);
    for (const [, part = ''] of rule.matchAll(/<(\w+)\.Arn>/g)) {
      states.get(part)?.forEach((isPartOn, minute) => {
        if (isPartOn) isOn[minute] = 1;
      });
      // It sends no message of its own.
      states.delete(part);
    }
    states.set(id, isOn);
  }
  return [...states].flatMap(([id, isOn]) => listMessages(resources[id].Properties, isOn));
}

function listMessages({ AlarmName, AlarmActions, OKActions }: Properties, isOn: Uint8Array): Message[] {
  const alarm = AlarmName.replace(/^connection-logout-[a-z]+-/, '');
  const to = AlarmActions === undefined ? 'rollout' : OKActions === undefined ? 'ticket' : 'page';
  return [...isOn.keys()].flatMap((minute) => {
    if (isOn[minute] === (isOn[minute - 1] ?? 0)) return [];
    const state = isOn[minute] ? 'ALARM' : 'OK';
    return [{ alarm, minute, state, to }];
  });
}

const COMPARISONS: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

/** @returns whether the alarm is on at the end of each minute. */
function replayMetricAlarm(alarm: Properties, recording: Recording, minutes: number): Uint8Array {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, TreatMissingData } = alarm;
  const { period, read } = createReader(alarm, recording);
  const isBad = COMPARISONS[alarm.ComparisonOperator];
  if (isBad === undefined) throw new Error(`${alarm.AlarmName}: ${alarm.ComparisonOperator}`);
  const isOn = new Uint8Array(minutes);
  /** The values of windows whose data is complete, by the minute before which they end. */
  const complete: number[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    let real = 0;
    let bad = 0;
    for (let back = 0; back < EvaluationPeriods + MORE_PERIODS && real < EvaluationPeriods; back++) {
      const end = minute + 1 - back * period;
      if (end <= 0) break;
      if (back > 0) complete[end] ??= read(end - period, end);
      const value = complete[end] ?? read(end - period, minute);
      if (Number.isNaN(value)) continue;
      real++;
      if (isBad(value, alarm.Threshold)) bad++;
    }
    const missing = EvaluationPeriods - real;
    if (TreatMissingData === 'breaching') bad += missing;
    isOn[minute] = Number(bad >= DatapointsToAlarm);
    if (TreatMissingData === 'ignore' && missing > 0) isOn[minute] = isOn[minute - 1] ?? 0;
  }
  return isOn;
}

/** Namespace, name and dimensions in a line, such as `AWS/Lambda Errors FunctionName=LogoutFunction`, without hashes. */
function writeMetric({ Namespace, MetricName, Dimensions = [] }: Properties): string {
  const dimensions = Dimensions.map(({ Name, Value }: Properties) => `${Name}=${writeValue(Value)}`);
  const key = [Namespace, MetricName, ...dimensions.toSorted()].join(' ');
  return key.replace(/<(\w+?)[0-9A-Fa-f]{8,}(\.\w+)?>/g, '$1');
}

/** Reads from one minute (included) to another (excluded). */
type Reader = (from: number, to: number) => number;

/** @returns the alarm's period in minutes, and what it reads. */
function createReader(alarm: Properties, recording: Recording) {
  const single = { Metric: alarm, Period: alarm.Period, Stat: alarm.Statistic ?? alarm.ExtendedStatistic };
  const metrics: Properties[] = alarm.Metrics ?? [{ Id: 'm', MetricStat: single }];
  const [period, ...others] = new Set(
    metrics.flatMap(({ Period, MetricStat }) => MetricStat?.Period ?? Period ?? []),
  );
  if (others.length > 0) throw new Error(`${alarm.AlarmName} has periods of different lengths`);
  const find = (key: string) => {
    const readable = recording[key];
    if (readable === undefined) throw new Error(`${alarm.AlarmName}: nothing is recorded of ${key}`);
    return readable;
  };
  const readers = new Map<string, Reader>();
  for (const { Id, Expression, MetricStat } of metrics) {
    if (MetricStat) {
      const metric = find(writeMetric(MetricStat.Metric));
      readers.set(Id, (from, to) => metric(MetricStat.Stat, from, to));
    } else {
      const evaluate = compileMath(Expression);
      readers.set(Id, (from, to) =>
        evaluate((id, statistic) =>
          statistic ? find(id)(statistic, from, to) : (readers.get(id)?.(from, to) ?? Number.NaN),
        ),
      );
    }
  }
  const { Id } = metrics.find(({ ReturnData }) => ReturnData !== false);
  return { period: Number(period) / 60, read: readers.get(Id) as Reader };
}

/** Reads a metric, a statistic of a rule of Contributor Insights, or another expression, by its name. */
type Lookup = (name: string, statistic?: string) => number;

/** A value in the place of one that is missing. */
const FILL = (value: number, otherwise: number) => (Number.isNaN(value) ? otherwise : value);

/** Without a condition, or with a false one and nothing for that case, there is no value. */
const IF = (condition: boolean | number, value: number, otherwise = Number.NaN) => {
  if (Number.isNaN(condition)) return Number.NaN;
  return condition ? value : otherwise;
};

/**
 * Translates metric math to JavaScript, whose operators are the same. NaN stands for a value that is missing: CloudWatch
 * takes the missing side of an operator for 0 where the other side has a value, so expressions must fill in whatever
 * they do not divide by. What is divided by 0 has no value.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
function compileMath(expression: string): (lookup: Lookup) => number {
  const script = expression
    .replace(/"[^"]*"|\b[a-z]\w*\b/g, (token) => (token.startsWith('"') ? token : `lookup("${token}")`))
    .replaceAll('INSIGHT_RULE_METRIC(', 'lookup(');
  const evaluate = new Function('FILL', 'IF', 'lookup', `return Number(${script})`);
  return (lookup) => {
    const value = evaluate(FILL, IF, lookup);
    return Number.isFinite(value) ? value : Number.NaN;
  };
}
