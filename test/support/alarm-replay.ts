import type { TemplateResource } from '../../tools/local/template.ts';
import { compileMath } from './metric-math.ts';
import { type MetricReference, metricKey, type Recording } from './metric-series.ts';

/** The three states of an alarm. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** How an alarm judges one period after the other. */
export interface AlarmRule {
  /** How many bad data points make an alarm, */
  readonly datapointsToAlarm: number;
  /** of how many. */
  readonly evaluationPeriods: number;
  readonly treatMissingData: 'notBreaching' | 'breaching' | 'ignore';
}

/** One metric of an alarm, or the only one. */
interface Statistic {
  readonly id: string;
  readonly metric: MetricReference;
  readonly statistic: string;
}

/** A metric alarm of the synthesized template. */
export interface MetricAlarm extends AlarmRule {
  /** The alarm's name in CloudWatch. */
  readonly name: string;
  /** The length of a period in seconds. */
  readonly period: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly statistics: readonly Statistic[];
  /** The math over the statistics and over each other, in an order in which each is known when it is used. */
  readonly expressions: readonly { readonly id: string; readonly text: string }[];
}

/** A composite alarm of the template. */
export interface CompositeAlarm {
  readonly name: string;
  readonly combine: 'AND' | 'OR';
  /** The names of the alarms that it combines. */
  readonly of: readonly string[];
}

/** When an alarm fired, in steps from the start. */
export interface Replay {
  /** The steps after which it went to ALARM, in order. */
  readonly firedAfter: readonly number[];
  /** Whether it is in ALARM after each step. */
  readonly inAlarm: readonly boolean[];
}

/** What a replay may set. */
export interface ReplayOptions {
  /** What `SERVICE_QUOTA` gives. Default: 1,000. */
  readonly quota?: number;
  /** The length of a step of the recording in seconds. Default: 60. */
  readonly stepSeconds?: number;
}

type Resources = Readonly<Record<string, TemplateResource>>;

// biome-ignore lint/suspicious/noExplicitAny: the properties of a resource, each of which is read by name.
type Properties = any;

/** @returns the metric alarms of a template. @throws {Error} when one uses what a replay does not understand. */
export function metricAlarmsOf(resources: Resources): MetricAlarm[] {
  return ofType(resources, 'AWS::CloudWatch::Alarm').map(metricAlarm);
}

/** @returns the composite alarms of a template. */
export function compositeAlarmsOf(resources: Resources): CompositeAlarm[] {
  return ofType(resources, 'AWS::CloudWatch::CompositeAlarm').map((properties) => {
    const parts: unknown[] = properties.AlarmRule['Fn::Join'][1];
    const operators = parts.flatMap((part) =>
      typeof part === 'string' ? (/\b(AND|OR)\b/.exec(part)?.[1] ?? []) : [],
    );
    const of = parts.flatMap((part) =>
      typeof part === 'string' ? [] : [(part as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0]],
    );
    return {
      name: properties.AlarmName,
      combine: operators[0] as 'AND' | 'OR',
      of: of.map((id) => resources[id]?.Properties.AlarmName),
    };
  });
}

function ofType(resources: Resources, type: string): Properties[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
}

function metricAlarm(properties: Properties): MetricAlarm {
  const queries: {
    Id: string;
    Expression?: string;
    Period?: number;
    MetricStat?: { Metric: Properties; Period: number; Stat: string };
  }[] = properties.Metrics ?? [
    {
      Id: 'm1',
      MetricStat: {
        Metric: properties,
        Period: properties.Period,
        Stat: properties.Statistic ?? properties.ExtendedStatistic,
      },
    },
  ];
  const periods = new Set(queries.flatMap(({ Period, MetricStat }) => MetricStat?.Period ?? Period ?? []));
  const [period] = periods;
  if (period === undefined || periods.size > 1) throw new Error(`${properties.AlarmName}: one period.`);
  const expressions = queries.flatMap(({ Id, Expression }) =>
    Expression === undefined ? [] : [{ id: Id, text: Expression }],
  );
  return {
    name: properties.AlarmName,
    period,
    threshold: properties.Threshold,
    comparison: properties.ComparisonOperator,
    datapointsToAlarm: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
    evaluationPeriods: properties.EvaluationPeriods,
    treatMissingData: properties.TreatMissingData,
    statistics: queries.flatMap(({ Id, MetricStat }) =>
      MetricStat ? [{ id: Id, metric: referenceOf(MetricStat.Metric), statistic: MetricStat.Stat }] : [],
    ),
    // CDK puts the expression that is returned first, and those that it uses behind it.
    expressions: expressions.toReversed(),
  };
}

function referenceOf({ Namespace, MetricName, Dimensions = [] }: Properties): MetricReference {
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(
      Dimensions.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
    ),
  };
}

/**
 * Replays a recording through an alarm from its creation on. Once a minute it judges windows that end then, as
 * CloudWatch's sliding window does. CloudWatch gets values a minute or two late: that comes on top.
 *
 * @param alarm an alarm of the template.
 * @param recording what was measured.
 * @param steps how long the replay lasts.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function replay(
  alarm: MetricAlarm,
  recording: Recording,
  steps: number,
  { quota = 1_000, stepSeconds = 60 }: ReplayOptions = {},
): Replay {
  const isBad = badness(alarm, recording, steps, alarm.period / stepSeconds, quota);
  const length = alarm.period / stepSeconds;
  let state: AlarmState = 'INSUFFICIENT_DATA';
  const firedAfter: number[] = [];
  const inAlarm: boolean[] = Array(Math.ceil((alarm.evaluationPeriods - 1) * length)).fill(false);
  // An alarm that was just created has too few periods to judge.
  for (let step = Math.ceil((alarm.evaluationPeriods - 1) * length) + 1; step <= steps; step++) {
    const range: (boolean | undefined)[] = [];
    for (let back = alarm.evaluationPeriods - 1; back >= 0; back--) {
      const end = step - back * length;
      if (end > 0) range.push(isBad[end]);
    }
    const next = nextState(alarm, range, state);
    if (next === 'ALARM' && state !== 'ALARM') firedAfter.push(step);
    inAlarm.push(next === 'ALARM');
    state = next;
  }
  return { firedAfter, inAlarm };
}

/** Combines the replays of a composite alarm's parts. */
export function combine({ combine }: CompositeAlarm, parts: readonly Replay[]): Replay {
  const steps = parts[0]?.inAlarm.length ?? 0;
  const firedAfter: number[] = [];
  const inAlarm: boolean[] = [];
  for (let step = 0; step < steps; step++) {
    const states = parts.map((part) => part.inAlarm[step] ?? false);
    const now = combine === 'AND' ? states.every(Boolean) : states.some(Boolean);
    if (now && !inAlarm.at(-1)) firedAfter.push(step + 1);
    inAlarm.push(now);
  }
  return { firedAfter, inAlarm };
}

/**
 * The state that follows, by the rules of AWS's page, whose tables a test holds this against.
 *
 * @param rule the alarm.
 * @param range the periods that CloudWatch looks at, the latest last: bad, good, or without a value.
 * @param state the state before.
 * @throws {Error} for `ignore` with more than one period, which no alarm has.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function nextState(
  rule: AlarmRule,
  range: readonly (boolean | undefined)[],
  state: AlarmState,
): AlarmState {
  const { datapointsToAlarm, evaluationPeriods, treatMissingData } = rule;
  const real = range.filter((bad) => bad !== undefined);
  const missing = Math.max(0, evaluationPeriods - real.length);
  const bad = real.slice(-evaluationPeriods).filter(Boolean).length;
  const judge = (count: number): AlarmState => (count >= datapointsToAlarm ? 'ALARM' : 'OK');
  switch (treatMissingData) {
    case 'notBreaching':
      return judge(bad);
    case 'breaching':
      return judge(bad + missing);
    case 'ignore':
      if (evaluationPeriods > 1) throw new Error('ignore, with more than one period');
      return missing === 1 ? state : judge(bad);
    default:
      throw new Error(`The replay does not know missing data that is ${treatMissingData}.`);
  }
}

/** Whether the period that ends after each step is bad; `undefined` where it has no value. */
function badness(
  alarm: MetricAlarm,
  recording: Recording,
  steps: number,
  length: number,
  quota: number,
): (boolean | undefined)[] {
  const series = alarm.statistics.map(({ id, metric, statistic }) => ({
    id,
    statistic,
    readable: recording.get(metricKey(metric)),
  }));
  const math = alarm.expressions.map(({ id, text }) => ({ id, value: compileMath(text, quota) }));
  const rules = alarm.expressions.flatMap(({ text }) => {
    const [, rule, metric] = /INSIGHT_RULE_METRIC\("([^"]+)", "([^"]+)"\)/.exec(text) ?? [];
    return rule === undefined || metric === undefined
      ? []
      : [{ id: `${rule}|${metric}`, statistic: metric, readable: recording.get(rule) }];
  });
  const last = math.at(-1)?.id ?? series[0]?.id ?? '';
  const result: (boolean | undefined)[] = [undefined];
  for (let end = 1; end <= steps; end++) {
    const values: Record<string, number | undefined> = {};
    for (const { id, statistic, readable } of series)
      values[id] = readable?.read(statistic, end - length, end);
    for (const { id, statistic, readable } of rules)
      values[id] = readable?.read(statistic, end - length, end);
    for (const { id, value } of math) values[id] = value(values);
    const value = values[last];
    result.push(value === undefined ? undefined : isBreaching(alarm, value));
  }
  return result;
}

function isBreaching({ comparison, threshold, name }: MetricAlarm, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    default:
      throw new Error(`${name}: ${comparison}`);
  }
}
