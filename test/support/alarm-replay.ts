import type { Resource } from '../../tools/local/template.ts';
import { compileMath } from './metric-math.ts';
import { type MetricReference, metricKey, type Recording } from './metric-samples.ts';

/** The three states of an alarm. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** How an alarm judges one period after the other. */
export interface AlarmRule {
  /** How many bad periods make an alarm, */
  readonly datapointsToAlarm: number;
  /** of how many. */
  readonly evaluationPeriods: number;
  readonly treatMissingData: 'notBreaching' | 'breaching' | 'ignore' | 'missing';
}

/** One metric of an alarm, or the only one. */
interface Statistic {
  readonly id: string;
  readonly metric: MetricReference;
  readonly statistic: string;
}

/** An alarm of the synthesized template. */
export interface TemplateAlarm extends AlarmRule {
  /** The alarm's name in CloudWatch. */
  readonly name: string;
  readonly description: string;
  /** The length of a period in seconds. */
  readonly period: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly statistics: readonly Statistic[];
  /** The math over the statistics; absent where there is one and no math. */
  readonly expression?: string;
}

/** What came of a replay. */
export interface Replay {
  /** Seconds from the start until the alarm went to ALARM for the first time; absent if it never did. */
  readonly firedAfter?: number;
  /** Seconds from the start until it was over for the last time; absent if it never fired or never ended. */
  readonly endedAfter?: number;
  /** The state at the end. */
  readonly state: AlarmState;
}

/** What of CloudWatch's doing its pages leave open. */
export interface ReplayOptions {
  /**
   * How many periods more than asked for CloudWatch looks back, so as to find values where some are missing. Its page
   * says that there are some, and shows 2 for 3. Default: 2.
   */
  readonly lookBack?: number;
  /** What `SERVICE_QUOTA` gives. Default: 1,000. */
  readonly quota?: number;
}

/**
 * Reads the alarms of a template.
 *
 * @param resources the template's resources by logical id.
 * @throws {Error} when an alarm uses what a replay does not understand.
 */
export function alarmsOf(resources: Readonly<Record<string, Resource>>): TemplateAlarm[] {
  return Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => alarmOf(Properties));
}

// biome-ignore lint/suspicious/noExplicitAny: the properties of a resource, each of which is read by name.
function alarmOf(properties: any): TemplateAlarm {
  if (properties.EvaluateLowSampleCountPercentile === 'ignore') {
    throw new Error(`${properties.AlarmName}: periods with few values count here.`);
  }
  const queries: {
    Id: string;
    Expression?: string;
    MetricStat?: StatisticProperties;
    ReturnData?: boolean;
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
  const measured = queries.flatMap(({ Id, MetricStat }) => (MetricStat ? [{ id: Id, ...MetricStat }] : []));
  const [{ Period: period } = { Period: 0 }] = measured;
  const expressions = queries.flatMap(({ Expression }) => (Expression === undefined ? [] : [Expression]));
  if (expressions.length > 1 || measured.some(({ Period }) => Period !== period)) {
    throw new Error(`${properties.AlarmName}: one expression, and one period.`);
  }
  return {
    name: properties.AlarmName,
    description: properties.AlarmDescription,
    period,
    threshold: properties.Threshold,
    comparison: properties.ComparisonOperator,
    datapointsToAlarm: properties.DatapointsToAlarm ?? properties.EvaluationPeriods,
    evaluationPeriods: properties.EvaluationPeriods,
    treatMissingData: properties.TreatMissingData ?? 'missing',
    statistics: measured.map(({ id, Metric, Stat }) => ({
      id,
      metric: referenceOf(Metric),
      statistic: Stat,
    })),
    ...(expressions[0] !== undefined && { expression: expressions[0] }),
  };
}

interface StatisticProperties {
  readonly Metric: MetricProperties;
  readonly Period: number;
  readonly Stat: string;
}

interface MetricProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

function referenceOf({ Namespace, MetricName, Dimensions = [] }: MetricProperties): MetricReference {
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}

/**
 * Replays a recording through an alarm, from its creation on: once a minute or a period, whichever is longer, it judges the
 * periods that are over. CloudWatch gets values a minute or two late; that is not replayed and comes on top.
 *
 * @param alarm an alarm of the template.
 * @param recording what was measured, in seconds from the start.
 * @param seconds how long the replay lasts.
 */
export function replay(
  alarm: TemplateAlarm,
  recording: Recording,
  seconds: number,
  { lookBack = 2, quota = 1_000 }: ReplayOptions = {},
): Replay {
  const breaching = breachesOf(alarm, recording, seconds, quota);
  let state: AlarmState = 'INSUFFICIENT_DATA';
  let firedAfter: number | undefined;
  let endedAfter: number | undefined;
  for (let over = 1; over <= breaching.length; over++) {
    const range = breaching.slice(Math.max(0, over - alarm.evaluationPeriods - lookBack), over);
    const next = nextState(alarm, range, state);
    if (next === 'ALARM' && state !== 'ALARM') {
      firedAfter ??= over * alarm.period;
      endedAfter = undefined;
    }
    if (next !== 'ALARM' && state === 'ALARM') endedAfter = over * alarm.period;
    state = next;
  }
  return {
    state,
    ...(firedAfter !== undefined && { firedAfter }),
    ...(endedAfter !== undefined && { endedAfter }),
  };
}

/**
 * The state that follows, by the rules of AWS's page, whose tables a test holds this against.
 *
 * @param rule the alarm.
 * @param range the periods that CloudWatch looks at, the latest last: bad, good, or without a value.
 * @param state the state before.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function nextState(
  rule: AlarmRule,
  range: readonly (boolean | undefined)[],
  state: AlarmState,
): AlarmState {
  const { datapointsToAlarm, evaluationPeriods, treatMissingData } = rule;
  const real = range.filter((bad) => bad !== undefined);
  const filled = Math.max(0, evaluationPeriods - real.length);
  const bad = real.slice(-evaluationPeriods).filter(Boolean).length;
  const judge = (count: number): AlarmState => (count >= datapointsToAlarm ? 'ALARM' : 'OK');
  if (filled === 0 || treatMissingData === 'notBreaching') return judge(bad);
  if (treatMissingData === 'breaching') return judge(bad + filled);

  const keep = treatMissingData === 'ignore';
  if (real.length === 0) return keep ? state : 'INSUFFICIENT_DATA';
  if (bad >= datapointsToAlarm) return 'ALARM';
  // Nothing but bad values, the oldest of them old enough: a premature alarm, as the page calls it.
  const age = range.length - range.indexOf(true);
  if (real.every(Boolean) && age >= datapointsToAlarm) return keep ? state : 'ALARM';
  return 'OK';
}

/** Whether each period is bad; `undefined` where it has no value. */
function breachesOf(
  alarm: TemplateAlarm,
  recording: Recording,
  seconds: number,
  quota: number,
): (boolean | undefined)[] {
  const periods = Math.floor(seconds / alarm.period);
  const math = alarm.expression === undefined ? undefined : compileMath(alarm.expression, quota);
  const series = alarm.statistics.map(({ id, metric, statistic }) => {
    const values = Array.from({ length: periods }, (): number[] => []);
    for (const { at, value } of recording.get(metricKey(metric)) ?? []) {
      values[Math.floor(at / alarm.period)]?.push(value);
    }
    return { id, values: values.map((all) => statisticOf(statistic, all)) };
  });
  return Array.from({ length: periods }, (_, period) => {
    const values = Object.fromEntries(series.map(({ id, values }) => [id, values[period]]));
    const value = math ? math(values) : Object.values(values)[0];
    return value === undefined ? undefined : isBreaching(alarm, value);
  });
}

function isBreaching({ comparison, threshold, name }: TemplateAlarm, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
    default:
      throw new Error(`${name}: ${comparison}`);
  }
}

/** A percentile is the smallest value that so many of a hundred do not exceed; CloudWatch's may lie a little beside it. */
function statisticOf(statistic: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  const [, percentile] = /^p(\d+(?:\.\d+)?)$/.exec(statistic) ?? [];
  if (percentile !== undefined) {
    const sorted = values.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil((Number(percentile) / 100) * sorted.length) - 1)];
  }
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'Average':
      return sum / values.length;
    case 'Maximum':
      return values.reduce((most, value) => Math.max(most, value));
    case 'Minimum':
      return values.reduce((least, value) => Math.min(least, value));
    case 'SampleCount':
      return values.length;
    default:
      throw new Error(`The statistic ${statistic}`);
  }
}
