import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type CfnSubscription, Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/**
 * Where alarms go. It is not encrypted with a key of its own: its messages are the texts of this repository and
 * figures, and with a key there would be one more policy that, when wrong, swallows alarms in silence.
 */
export class AlarmTopic extends Construct {
  /** The topic. Subscribe what else shall hear of alarms, such as a pager, to it. */
  readonly topic: Topic;

  /**
   * @param scope what the topic belongs to.
   * @param id unique in the scope.
   * @param email the address to subscribe. Its owner has to confirm by a link that SNS mails. Absent: nobody is told.
   */
  constructor(scope: Construct, id: string, email?: string) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { displayName: 'connection-logout alarms', enforceSSL: true });
    // The policy that enforces TLS replaces the one by which an account's own alarms may publish.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (email !== undefined) this.subscribe(email);
  }

  private subscribe(endpoint: string): void {
    // An address cannot be changed: another one is another resource.
    const subscription = new Subscription(this, `Email-${endpoint}`, {
      topic: this.topic,
      protocol: SubscriptionProtocol.EMAIL,
      endpoint,
    });
    Validations.of(subscription.node.defaultChild as CfnSubscription).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason:
        'SNS hands a mail over once and hears no more of it: there is no failed delivery that a queue could keep.',
    });
  }
}
