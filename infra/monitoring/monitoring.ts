import { Annotations, Stack, Validations } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  ComparisonOperator,
  CompositeAlarm,
  type Dashboard,
  type IAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { LogoutApi } from '../api.ts';
import type { LogoutFunction } from '../function.ts';
import type { Settings } from '../settings.ts';
import type { ConnectionTable } from '../table.ts';
import {
  type AlarmDefinition,
  alarmDefinitions,
  type CombinedConditions,
  type Condition,
  rolloutGates,
} from './alarms.ts';
import { serviceDashboard } from './dashboard.ts';
import { LogMetrics } from './log-metrics.ts';
import { ServiceMetrics } from './metrics.ts';
import { Probe } from './probe.ts';
import { saveQueries } from './queries.ts';
import { AlarmTopics } from './topics.ts';

/** What is watched. */
export interface MonitoringProps {
  /** Begins the names of alarms, rules and dashboard, and is the folder of the queries. */
  readonly name: string;
  readonly settings: Settings;
  readonly api: LogoutApi;
  readonly logout: LogoutFunction;
  readonly table: ConnectionTable;
}

/** The states of a stack after a deployment that failed or was rolled back. */
const FAILED_DEPLOYMENT = [
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
];

/** What on-call sees beside the log line: alarms and where they go, the dashboard, the saved queries. */
export class Monitoring extends Construct {
  readonly topics: AlarmTopics;
  readonly dashboard: Dashboard;
  /** The alarms that roll a new version back. */
  readonly rolloutGates: readonly IAlarm[];
  /** What CloudFormation can watch while any change bakes: the gates, and the probe, which goes through the gateway. */
  readonly rollbackAlarms: readonly IAlarm[];
  readonly #name: string;
  readonly #runbookUrl: string;

  /**
   * @param scope the stack.
   * @param id unique in the scope.
   * @param props see {@link MonitoringProps}.
   */
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { name, settings, api, logout } = props;
    this.#name = name;
    this.#runbookUrl = settings.runbookUrl;
    const probe = settings.probe
      ? new Probe(this, 'Probe', { settings, api, alias: logout.live })
      : undefined;
    const logMetrics = new LogMetrics(this, 'LogMetrics', { name, logout, accessLog: api.accessLog });
    const metrics = new ServiceMetrics({ ...props, probe, logMetrics });
    Annotations.of(this).acknowledgeWarning(
      'CloudWatch:Math:MetricsPeriodsOverridden',
      'A metric has no period of its own in an expression.',
    );

    this.topics = new AlarmTopics(this, 'Topics', settings);
    const definitions = alarmDefinitions(metrics);
    const alarms = definitions.map((definition) => this.createAlarm(definition));
    this.rolloutGates = rolloutGates(metrics).map((gate) =>
      this.createMetricAlarm(gate.id, gate, `${gate.meaning} While it is rolled out, it is rolled back.`),
    );
    this.rollbackAlarms = [
      ...this.rolloutGates,
      ...alarms.filter((_, index) => definitions[index]?.id === 'probe'),
    ];
    this.reportFailedDeployments();

    saveQueries(new Construct(this, 'Queries'), name, {
      function: logout.logGroup,
      access: api.accessLog,
      probe: probe?.logGroup,
    });
    this.dashboard = serviceDashboard(this, 'Dashboard', {
      name,
      metrics,
      alarms,
      functionLog: logout.logGroup.logGroupName,
      runbookUrl: settings.runbookUrl,
    });
  }

  /** Makes an alarm that sends a message: to the topics of its severity, and for a page also when it is over. */
  private createAlarm({ id, severity, when, meaning, firstStep }: AlarmDefinition): IAlarm {
    const description = `${meaning}\n\nFirst: ${firstStep}\n\nRunbook: ${this.#runbookUrl}#${id}`;
    const alarm =
      'combine' in when
        ? this.createCompositeAlarm(id, when, description)
        : this.createMetricAlarm(id, when, description);
    const actions = this.topics.bySeverity[severity].map((topic) => new SnsAction(topic));
    alarm.addAlarmAction(...actions);
    if (severity === 'page') alarm.addOkAction(...actions);
    return alarm;
  }

  private createCompositeAlarm(
    id: string,
    when: CombinedConditions,
    alarmDescription: string,
  ): CompositeAlarm {
    const name = `${this.#name}-${id}`;
    const parts = Object.entries(when.of).map(([window, condition]) =>
      this.createMetricAlarm(`${id}-${window}`, condition, `A part of ${name}. It sends no message.`),
    );
    return new CompositeAlarm(this, id, {
      compositeAlarmName: name,
      alarmDescription,
      alarmRule: when.combine === 'all' ? AlarmRule.allOf(...parts) : AlarmRule.anyOf(...parts),
    });
  }

  private createMetricAlarm(id: string, condition: Condition, alarmDescription: string): Alarm {
    const { metric, threshold, comparison, datapointsToAlarm = 1 } = condition;
    return new Alarm(this, id, {
      // Named, since the name is all that a pager shows.
      alarmName: `${this.#name}-${id}`,
      alarmDescription,
      metric,
      threshold,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      datapointsToAlarm,
      evaluationPeriods: condition.evaluationPeriods ?? datapointsToAlarm,
      treatMissingData: condition.treatMissingData ?? TreatMissingData.NOT_BREACHING,
    });
  }

  /**
   * A ticket for each deployment of the stack that failed or was rolled back, for any reason. CodeDeploy's own failures
   * end in the same states.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
   */
  private reportFailedDeployments(): void {
    const stackId = Stack.of(this).stackId;
    const rule = new Rule(this, 'FailedDeployment', {
      description: `A deployment of ${this.#name} failed or was rolled back.`,
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': [stackId], 'status-details': { status: FAILED_DEPLOYMENT } },
      },
      targets: [new SnsTopic(this.topics.ticket)],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'EventBridge retries for a day. The state of the stack says the same.',
    });
  }
}
