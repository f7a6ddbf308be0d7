import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import {
  type IRole,
  Policy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Alias, IFunction, IVersion } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { WatchFunction } from './watch-function.ts';

/** What a rollout is built from. */
export interface RolloutProps {
  readonly settings: Settings;
  /** The alias that CodeDeploy moves. */
  readonly alias: Alias;
  /** The newest version, to which it is moved. */
  readonly version: IVersion;
  /** Each of them, when it fires during a canary, puts the old version back. */
  readonly gates: readonly IAlarm[];
}

/**
 * Lets CodeDeploy move the alias. A hook invokes the new version before any terminal does. With `rollout=canary` the
 * version then gets a tenth of the traffic for ten minutes, and then all of it, unless a gate fires; with `allAtOnce` it
 * gets all. CloudFormation waits for the end, and rolls the whole update back with the alias.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
 */
export class Rollout extends Construct {
  readonly group: LambdaDeploymentGroup;
  /** Where the hook says why it refused a version. */
  readonly hookLog: LogGroup;

  /**
   * @param scope the stack.
   * @param id unique in the scope.
   * @param props see {@link RolloutProps}.
   */
  constructor(scope: Construct, id: string, props: RolloutProps) {
    super(scope, id);
    const { settings, alias, version, gates } = props;
    const isCanary = settings.rollout === 'canary';
    const versions = `${alias.lambda.functionArn}:*`;
    const hook = new WatchFunction(this, 'Hook', {
      settings,
      description: 'Checks a new version before it gets traffic.',
      name: 'hook',
      environment: { VERSION_ARN: version.functionArn },
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [versions] })],
    });
    this.hookLog = hook.logGroup;
    this.group = new LambdaDeploymentGroup(this, 'DeploymentGroup', {
      alias,
      alarms: isCanary ? [...gates] : [],
      deploymentConfig: isCanary
        ? LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES
        : LambdaDeploymentConfig.ALL_AT_ONCE,
      preHook: hook.function,
      role: this.createRole(alias, hook.function),
    });
    // A policy of its own, on which the hook does not depend: the group needs the hook first.
    new Policy(this, 'HookStatus', {
      roles: [hook.role],
      statements: [
        new PolicyStatement({
          actions: ['codedeploy:PutLifecycleEventHookExecutionStatus'],
          resources: [this.group.deploymentGroupArn],
        }),
      ],
    });
    // Every right is there before the alias moves.
    alias.node.addDependency(this);
    this.acknowledge(alias, hook.role);
  }

  /**
   * What CodeDeploy may do, in one resource with the role, so that no deployment starts before it has its rights.
   * AWS's managed policy, which CDK gives it otherwise, lets it move every alias of the account and read objects of
   * every bucket. https://github.com/serverless/serverless/issues/4595 says what each action is for.
   */
  private createRole(alias: Alias, hook: IFunction): IRole {
    const { functionArn } = alias.lambda;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      inlinePolicies: {
        MoveAlias: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
              resources: [functionArn, `${functionArn}:*`],
            }),
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [hook.functionArn] }),
            new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }),
          ],
        }),
      },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'To read the states of alarms. AWS does not say in which way CodeDeploy asks for them, and some ways need ' +
        'all: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html',
    });
    // Or the deployment group adds the managed policy to it.
    return role.withoutPolicyUpdates();
  }

  /** Says why cdk-nag's findings on the versions' ARNs do not apply. */
  private acknowledge(alias: Alias, hookRole: Role): void {
    const functionId = Stack.of(this).getLogicalId(alias.lambda.node.defaultChild as CfnElement);
    for (const role of [hookRole, this.node.findChild('Role')]) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${functionId}.Arn>:*]`,
        reason: 'The versions of this one function: the next one does not exist yet when this is written.',
      });
    }
  }
}
