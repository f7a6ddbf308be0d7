import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** What a gradual rollout is built from. */
export interface GradualRolloutProps {
  /** The alias that a new version is put behind. */
  readonly alias: Alias;
  /** Each of them, when it fires during the rollout, puts the old version back. At least one: nothing else does. */
  readonly alarms: readonly IAlarm[];
}

/**
 * Lets CodeDeploy move the alias: a tenth of the traffic goes to the new version for five minutes and then all of it,
 * unless an alarm fires. CloudFormation waits for the end of it, and takes the whole update back with the alias.
 */
export class GradualRollout extends Construct {
  /**
   * @param scope the stack.
   * @param id unique in the scope.
   * @param props see {@link GradualRolloutProps}.
   */
  constructor(scope: Construct, id: string, props: GradualRolloutProps) {
    super(scope, id);
    const { alias, alarms } = props;
    new LambdaDeploymentGroup(this, 'DeploymentGroup', {
      alias,
      alarms: [...alarms],
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      role: this.role(alias),
    });
  }

  /**
   * What CodeDeploy may do. AWS's managed policy, which CDK gives it, lets it move every alias of the account and read
   * objects of every bucket. What is left out of it here is for hooks and for a specification in S3, which this
   * rollout has not: https://github.com/serverless/serverless/issues/4595 says what each action is for.
   */
  private role(alias: Alias): IRole {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    const { functionArn } = alias.lambda;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
        resources: [functionArn, `${functionArn}:*`],
      }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));

    const functionId = Stack.of(this).getLogicalId(alias.lambda.node.defaultChild as CfnElement);
    Validations.of(role).acknowledge(
      {
        id: `AwsSolutions-IAM5[Resource::<${functionId}.Arn>:*]`,
        reason: 'The versions of this one function: the next one does not exist yet when this is written.',
      },
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'To read the states of alarms. AWS does not say in which way CodeDeploy asks for them, and some ways need ' +
          'all: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html',
      },
    );
    // Or the deployment group adds the managed policy to it.
    return role.withoutPolicyUpdates();
  }
}
