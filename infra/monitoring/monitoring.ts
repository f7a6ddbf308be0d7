import { Annotations } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmBase,
  AlarmRule,
  ComparisonOperator,
  CompositeAlarm,
  type Dashboard,
  type IAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { type AlarmDefinition, alarmDefinitions, type Condition } from './alarms.ts';
import { serviceDashboard } from './dashboard.ts';
import { LogMetrics } from './log-metrics.ts';
import { type MetricSources, serviceMetrics } from './metrics.ts';
import { Probe } from './probe.ts';
import { saveQueries } from './queries.ts';
import { AlarmTopics } from './topics.ts';

/** What is watched. Its name begins the names of alarms, rules and dashboard, and is the folder of the queries. */
export interface MonitoringProps extends Omit<MetricSources, 'probe'> {
  /** The address of the AWS console in the stack's region. */
  readonly consoleUrl: string;
}

/**
 * What on-call sees beside the log line: alarms and where they go, the dashboard, the saved queries. A stage that is not
 * production and whose alarms would reach no one has the dashboard only.
 */
export class Monitoring extends Construct {
  readonly dashboard: Dashboard;
  /** Where alarms go. Absent without alarms. */
  readonly topics: AlarmTopics | undefined;
  /** The alarms that put the old version back during a canary. */
  readonly rolloutGates: readonly IAlarm[];
  /** What CloudFormation can watch while any change bakes: the gates, and the probe, which goes through the gateway. */
  readonly rollbackAlarms: readonly IAlarm[];

  /**
   * @param scope the stack.
   * @param id unique in the scope.
   * @param props see {@link MonitoringProps}.
   */
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { name, settings, api, logout } = props;
    const { production, alarmEmail, pageTopicArn, runbookUrl } = settings;
    const isHeard = production || alarmEmail !== undefined || pageTopicArn !== undefined;
    const hasProbe = isHeard && settings.probe;
    const probe = hasProbe ? new Probe(this, 'Probe', { settings, api, alias: logout.live }) : undefined;
    const metrics = serviceMetrics({ ...props, probe });
    Annotations.of(this).acknowledgeWarning(
      'CloudWatch:Math:MetricsPeriodsOverridden',
      'A metric has no period of its own in an expression.',
    );

    const definitions = isHeard ? alarmDefinitions(metrics).filter(({ when }) => when.length > 0) : [];
    const alarms = definitions.map((definition) => this.createAlarm(name, definition, settings));
    const withSeverity = (...severities: string[]) =>
      alarms.filter((_, index) => severities.includes(definitions[index]?.severity ?? ''));
    this.rolloutGates = withSeverity('gate');
    this.rollbackAlarms = [...this.rolloutGates, ...(probe ? withSeverity('page').slice(0, 1) : [])];
    if (isHeard) {
      this.topics = new AlarmTopics(this, 'Topics', props);
      this.topics.notify(withSeverity('page'), withSeverity('ticket'));
      const logs = { function: logout.logGroup, access: api.accessLog, probe: probe?.logGroup };
      // Alarms name the rules in a text, from which CloudFormation sees no order. A reference may be the rule's ARN, as
      // CDK has it, and INSIGHT_RULE_METRIC takes a name.
      const logMetrics = new LogMetrics(this, 'LogMetrics', { name, logs });
      for (const alarm of this.node.findAll())
        if (alarm instanceof Alarm) alarm.node.addDependency(logMetrics);
      saveQueries(new Construct(this, 'Queries'), name, logs);
    }
    const shown = withSeverity('page', 'ticket');
    const functionLog = logout.logGroup.logGroupName;
    this.dashboard = serviceDashboard(this, 'Dashboard', {
      name,
      metrics,
      alarms: shown,
      functionLog,
      runbookUrl,
    });
  }

  private createAlarm(name: string, definition: AlarmDefinition, { runbookUrl }: Settings): AlarmBase {
    const { id, severity, command, meaning, when } = definition;
    const section = severity === 'gate' ? 'a-deployment-was-rolled-back' : id;
    const description = `Type: ${command}\n\n${meaning}\n\nRunbook: ${runbookUrl}#${section}`;
    const [condition, ...others] = when as readonly [Condition, ...Condition[]];
    if (others.length === 0) return this.createMetricAlarm(id, `${name}-${id}`, condition, description);
    const parts = when.map((part, index) => {
      const partId = `${id}-${index + 1}`;
      return this.createMetricAlarm(
        partId,
        `${name}-${partId}`,
        part,
        `A part of ${name}-${id}, without a message.`,
      );
    });
    return new CompositeAlarm(this, id, {
      compositeAlarmName: `${name}-${id}`,
      alarmDescription: description,
      alarmRule: AlarmRule.anyOf(...parts),
    });
  }

  private createMetricAlarm(
    id: string,
    alarmName: string,
    condition: Condition,
    alarmDescription: string,
  ): Alarm {
    const { datapointsToAlarm = 1, evaluationPeriods = datapointsToAlarm } = condition;
    return new Alarm(this, id, {
      // Named, since the name is all that a pager shows.
      alarmName,
      alarmDescription,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...condition,
      datapointsToAlarm,
      evaluationPeriods,
    });
  }
}
