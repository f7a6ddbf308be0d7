import { Alarm, ComparisonOperator, type Dashboard, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { FUNCTION_TIMEOUT_SECONDS } from '../function.ts';
import type { Settings } from '../settings.ts';
import { type AlarmDefinition, alarmDefinitions } from './alarms.ts';
import { serviceDashboard } from './dashboard.ts';
import { type MetricSources, ServiceMetrics } from './metrics.ts';
import { type QueriedLogs, saveQueries } from './queries.ts';
import { AlarmTopic } from './topic.ts';

/** What is watched. */
export interface MonitoringProps {
  /** Begins the names of alarms, and is the name of the dashboard and of the queries' folder. */
  readonly name: string;
  /** `alarmEmail`, `runbookUrl`, `stage` and the certificate of `domain` are used. */
  readonly settings: Settings;
  /** The parts of the service that write metrics. */
  readonly sources: Omit<MetricSources, 'stage' | 'certificateArn'>;
  /** The logs that are queried. */
  readonly logs: QueriedLogs;
}

/** What on-call sees, but for the log line itself: alarms and where they go, the dashboard, the saved queries. */
export class Monitoring extends Construct {
  /** Where every alarm goes. */
  readonly topic: Topic;
  /** The one dashboard. */
  readonly dashboard: Dashboard;
  /** Every alarm. */
  readonly alarms: readonly IAlarm[];
  /** The alarms that mean "this version is bad": a rollout is rolled back by them. */
  readonly badVersionAlarms: readonly IAlarm[];

  /**
   * @param scope the stack.
   * @param id unique in the scope.
   * @param props see {@link MonitoringProps}. Without `alarmEmail` the topic has no subscription.
   */
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { name, settings, sources, logs } = props;
    const { stage, domain, runbookUrl, alarmEmail } = settings;
    const metrics = new ServiceMetrics({
      ...sources,
      stage,
      ...(domain && { certificateArn: domain.certificateArn }),
    });

    this.topic = new AlarmTopic(this, 'Alarms', alarmEmail).topic;
    const definitions = alarmDefinitions(metrics, { functionTimeoutSeconds: FUNCTION_TIMEOUT_SECONDS });
    const made = definitions.map((definition) => ({
      definition,
      alarm: this.alarm(definition, name, runbookUrl),
    }));
    this.alarms = made.map(({ alarm }) => alarm);
    this.badVersionAlarms = made.filter(({ definition }) => definition.badVersion).map(({ alarm }) => alarm);

    saveQueries(new Construct(this, 'Queries'), name, logs);
    this.dashboard = serviceDashboard(this, 'Dashboard', {
      name,
      metrics,
      alarms: this.alarms,
      functionLog: logs.function.logGroupName,
      runbookUrl,
    });
  }

  private alarm(definition: AlarmDefinition, name: string, runbookUrl: string): Alarm {
    const { id, metric, threshold, comparison, bad, of, missing, fewValues, means, first } = definition;
    const alarm = new Alarm(this, id, {
      // Named, since the name is all that a pager shows.
      alarmName: `${name}-${id}`,
      alarmDescription: `${means}\n\nFirst: ${first}\n\nRunbook: ${runbookUrl}#${id}`,
      metric,
      threshold,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      datapointsToAlarm: bad,
      evaluationPeriods: of,
      treatMissingData: missing,
      ...(fewValues && { evaluateLowSampleCountPercentile: fewValues }),
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}
