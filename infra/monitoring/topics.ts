import { Stack, Validations } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnSubscription, Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Severity } from './alarms.ts';
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

  /**
   * @param scope what the topics belong to.
   * @param id unique in the scope.
   * @param props the setting `alarmEmail` is subscribed to both topics, `pageTopicArn` gets the pages too.
   * @param alarms whose messages are sent: those of a page also when it is over.
   */
  constructor(scope: Construct, id: string, props: MonitoringProps, alarms: Record<Severity, AlarmBase[]>) {
    super(scope, id);
    const { alarmEmail, pageTopicArn } = props.settings;
    this.page = this.createTopic('Page', alarmEmail);
    this.ticket = this.createTopic('Ticket', alarmEmail);
    const pager = pageTopicArn ? [new SnsAction(Topic.fromTopicArn(this, 'Pager', pageTopicArn))] : [];
    for (const alarm of alarms.page) {
      alarm.addAlarmAction(new SnsAction(this.page), ...pager);
      alarm.addOkAction(new SnsAction(this.page), ...pager);
    }
    for (const alarm of alarms.ticket) alarm.addAlarmAction(new SnsAction(this.ticket));
    this.reportFailedDeployments(props);
  }

  private createTopic(severity: string, alarmEmail: string | undefined): Topic {
    const displayName = `connection-logout ${severity.toLowerCase()}s`;
    const topic = new Topic(this, severity, { displayName, enforceSSL: true });
    // The policy that enforces TLS replaces the one by which an account's own alarms may publish.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    const fromThisAccount = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    allowPublish(topic, 'AlarmsOfThisAccount', 'cloudwatch.amazonaws.com', fromThisAccount);
    if (alarmEmail === undefined) return topic;
    const mail = { topic, protocol: SubscriptionProtocol.EMAIL, endpoint: alarmEmail };
    // An address cannot be changed: another one is another resource.
    const subscription = new Subscription(this, `${severity}Email-${alarmEmail}`, mail);
    Validations.of(subscription.node.defaultChild as CfnSubscription).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'SNS hands a mail over once and reports no failed delivery that a queue could keep.',
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
  private reportFailedDeployments({ name, consoleUrl }: MonitoringProps): void {
    const { stackId } = Stack.of(this);
    const status = EventField.fromPath('$.detail.status-details.status');
    const events = `${consoleUrl}/cloudformation/home#/stacks/events?stackId=${stackId}`;
    const sentence = `A deployment of ${name} ended as ${status}. The first failure among its events says why: ${events}`;
    const rule = new Rule(this, 'FailedDeployment', {
      description: `A deployment of ${name} failed or was rolled back.`,
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': [stackId], 'status-details': { status: FAILED_DEPLOYMENT } },
      },
      targets: [{ bind: () => ({ arn: this.ticket.topicArn, input: RuleTargetInput.fromText(sentence) }) }],
    });
    const fromThisRule = { ArnEquals: { 'aws:SourceArn': rule.ruleArn } };
    allowPublish(this.ticket, 'FailedDeploymentsOfThisStack', 'events.amazonaws.com', fromThisRule);
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'EventBridge retries for a day. The state of the stack says the same.',
    });
  }
}

function allowPublish(topic: Topic, sid: string, service: string, conditions: Record<string, unknown>): void {
  const principals = [new ServicePrincipal(service)];
  const resources = [topic.topicArn];
  topic.addToResourcePolicy(
    new PolicyStatement({ sid, principals, actions: ['sns:Publish'], resources, conditions }),
  );
}
