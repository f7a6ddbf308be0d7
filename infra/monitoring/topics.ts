import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type CfnSubscription,
  type ITopic,
  Subscription,
  SubscriptionProtocol,
  Topic,
} from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { Severity } from './alarms.ts';

/**
 * A topic for pages and one for tickets. They are not encrypted with a key of their own: their messages are texts of
 * this repository and figures, and a key would need a policy that, when wrong, loses alarms without a trace.
 */
export class AlarmTopics extends Construct {
  readonly page: Topic;
  readonly ticket: Topic;
  /** All topics of each severity. */
  readonly bySeverity: Readonly<Record<Severity, readonly ITopic[]>>;

  /**
   * @param scope what the topics belong to.
   * @param id unique in the scope.
   * @param settings `alarmEmail` is subscribed to both topics, `pageTopicArn` gets the pages too.
   */
  constructor(scope: Construct, id: string, { alarmEmail, pageTopicArn }: Settings) {
    super(scope, id);
    this.page = this.createTopic('Page', 'connection-logout pages');
    this.ticket = this.createTopic('Ticket', 'connection-logout tickets');
    const pager = pageTopicArn === undefined ? [] : [Topic.fromTopicArn(this, 'Pager', pageTopicArn)];
    this.bySeverity = { page: [this.page, ...pager], ticket: [this.ticket] };
    if (alarmEmail === undefined) return;
    // An address cannot be changed: another one is another resource.
    this.subscribe(`PageEmail-${alarmEmail}`, this.page, alarmEmail);
    this.subscribe(`TicketEmail-${alarmEmail}`, this.ticket, alarmEmail);
  }

  private createTopic(id: string, displayName: string): Topic {
    const topic = new Topic(this, id, { displayName, enforceSSL: true });
    // The policy that enforces TLS replaces the one by which an account's own alarms may publish.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }

  private subscribe(id: string, topic: Topic, endpoint: string): void {
    const subscription = new Subscription(this, id, {
      topic,
      protocol: SubscriptionProtocol.EMAIL,
      endpoint,
    });
    Validations.of(subscription.node.defaultChild as CfnSubscription).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'SNS hands a mail over once and reports no failed delivery that a queue could keep.',
    });
  }
}
