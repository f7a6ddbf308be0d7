import { Stack, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type CfnSubscription,
  type ITopic,
  Subscription,
  SubscriptionProtocol,
  Topic,
} from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { MonitoringProps } from './monitoring.ts';

/** The states of a stack after a deployment that failed or was rolled back. CodeDeploy's failures end in them too. */
const FAILED_DEPLOYMENT = [
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
];

/**
 * A topic for pages and one for tickets. They are not encrypted with a key of their own: their messages are texts of
 * this repository and figures, and a key would need a policy that, when wrong, loses alarms without a trace.
 */
export class AlarmTopics extends Construct {
  readonly page: Topic;
  readonly ticket: Topic;
  readonly #pages: readonly ITopic[];

  /**
   * @param scope what the topics belong to.
   * @param id unique in the scope.
   * @param props the setting `alarmEmail` is subscribed to both topics, `pageTopicArn` gets the pages too.
   */
  constructor(
    scope: Construct,
    id: string,
    { name, settings, consoleUrl }: Pick<MonitoringProps, 'name' | 'settings' | 'consoleUrl'>,
  ) {
    super(scope, id);
    const { alarmEmail, pageTopicArn } = settings;
    this.page = this.createTopic('Page', 'connection-logout pages');
    this.ticket = this.createTopic('Ticket', 'connection-logout tickets');
    this.#pages = [this.page, ...(pageTopicArn ? [Topic.fromTopicArn(this, 'Pager', pageTopicArn)] : [])];
    this.reportFailedDeployments(name, consoleUrl);
    if (alarmEmail === undefined) return;
    for (const [severity, topic] of Object.entries({ Page: this.page, Ticket: this.ticket })) {
      // An address cannot be changed: another one is another resource.
      const subscription = new Subscription(this, `${severity}Email-${alarmEmail}`, {
        topic,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: alarmEmail,
      });
      Validations.of(subscription.node.defaultChild as CfnSubscription).acknowledge({
        id: 'Serverless-SNSRedrivePolicy',
        reason: 'SNS hands a mail over once and reports no failed delivery that a queue could keep.',
      });
    }
  }

  /** Sends the messages of alarms: those of a page also when it is over. */
  notify(pages: readonly AlarmBase[], tickets: readonly AlarmBase[]): void {
    for (const alarm of pages) {
      const actions = this.#pages.map((topic) => new SnsAction(topic));
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
    }
    for (const alarm of tickets) alarm.addAlarmAction(new SnsAction(this.ticket));
  }

  private createTopic(id: string, displayName: string): Topic {
    const topic = new Topic(this, id, { displayName, enforceSSL: true });
    // The policy that enforces TLS replaces the one by which an account's own alarms may publish.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    allowPublish(topic, 'AlarmsOfThisAccount', 'cloudwatch.amazonaws.com', {
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
    });
    return topic;
  }

  /**
   * A ticket for each deployment of the stack that failed or was rolled back, for any reason. CDK's own target would let
   * the rules of every account publish.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
   */
  private reportFailedDeployments(name: string, consoleUrl: string): void {
    const { stackId } = Stack.of(this);
    const status = EventField.fromPath('$.detail.status-details.status');
    const rule = new Rule(this, 'FailedDeployment', {
      description: `A deployment of ${name} failed or was rolled back.`,
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': [stackId], 'status-details': { status: FAILED_DEPLOYMENT } },
      },
      targets: [
        {
          bind: () => ({
            arn: this.ticket.topicArn,
            input: RuleTargetInput.fromText(
              `A deployment of ${name} ended as ${status}. The first failure among these events says why: ` +
                `${consoleUrl}/cloudformation/home#/stacks/events?stackId=${stackId}`,
            ),
          }),
        },
      ],
    });
    allowPublish(this.ticket, 'FailedDeploymentsOfThisStack', 'events.amazonaws.com', {
      ArnEquals: { 'aws:SourceArn': rule.ruleArn },
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'EventBridge retries for a day. The state of the stack says the same.',
    });
  }
}

function allowPublish(topic: Topic, sid: string, service: string, conditions: Record<string, unknown>): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid,
      principals: [new ServicePrincipal(service)],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions,
    }),
  );
}
