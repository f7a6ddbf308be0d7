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
import { type AlarmDefinition, type Condition, defineAlarms, type Severity } from './alarms.ts';
import { createDashboard } from './dashboard.ts';
import { createLogMetrics } from './log-metrics.ts';
import { createServiceMetrics, type MetricSources } from './metrics.ts';
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
    const { hasAlarms, runbookUrl } = settings;
    const probe = settings.probe ? new Probe(this, 'Probe', props) : undefined;
    const metrics = createServiceMetrics({ ...props, probe });
    Annotations.of(this).acknowledgeWarning(
      'CloudWatch:Math:MetricsPeriodsOverridden',
      'A metric has no period of its own in an expression.',
    );

    const alarms: Record<Severity, AlarmBase[]> = { page: [], ticket: [], gate: [] };
    const definitions = Object.entries(hasAlarms ? defineAlarms(metrics) : {});
    for (const [severity, byId] of definitions as [Severity, Record<string, AlarmDefinition>][]) {
      for (const [id, definition] of Object.entries(byId)) {
        if (definition.when.length === 0) continue;
        const section = severity === 'gate' ? 'a-deployment-was-rolled-back' : id;
        alarms[severity].push(this.createAlarm(id, `${name}-${id}`, definition, `${runbookUrl}#${section}`));
      }
    }
    this.rolloutGates = alarms.gate;
    this.rollbackAlarms = [...alarms.gate, ...(probe ? alarms.page.slice(0, 1) : [])];
    if (hasAlarms) {
      this.topics = new AlarmTopics(this, 'Topics', props, alarms);
      const logs = { function: logout.logGroup, access: api.accessLog, probe: probe?.logGroup };
      // Alarms name the rules in a text, from which CloudFormation sees no order. A reference may be the rule's ARN, as
      // CDK has it, and INSIGHT_RULE_METRIC takes a name.
      const logMetrics = createLogMetrics(new Construct(this, 'LogMetrics'), name, logs);
      for (const alarm of this.node.children) {
        if (alarm instanceof Alarm) alarm.node.addDependency(logMetrics);
      }
      saveQueries(new Construct(this, 'Queries'), name, logs);
    }
    this.dashboard = createDashboard(this, props, metrics, [...alarms.page, ...alarms.ticket]);
  }

  private createAlarm(id: string, name: string, definition: AlarmDefinition, runbook: string): AlarmBase {
    const { command, meaning, when } = definition;
    const text = `Type: ${command}\n\n${meaning}\n\nRunbook: ${runbook}`;
    const [condition, ...others] = when as [Condition, ...Condition[]];
    if (others.length === 0) return this.createMetricAlarm(id, name, condition, text);
    const parts = when.map((part, index) => {
      const place = index + 1;
      return this.createMetricAlarm(`${id}-${place}`, `${name}-${place}`, part, `A part of ${name}.`);
    });
    const alarmRule = AlarmRule.anyOf(...parts);
    return new CompositeAlarm(this, id, { compositeAlarmName: name, alarmDescription: text, alarmRule });
  }

  private createMetricAlarm(id: string, alarmName: string, condition: Condition, alarmDescription: string) {
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
