import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * Makes a log group of this service.
 *
 * @param scope what the log belongs to.
 * @param id unique in the scope.
 * @param settings `logRetentionDays` says how long lines are kept, `production` whether the group outlives the stack.
 * @param name the group's name. Default: CloudFormation makes one up from the stack's.
 * @returns the group.
 */
export function serviceLog(scope: Construct, id: string, settings: Settings, name?: string): LogGroup {
  return new LogGroup(scope, id, {
    ...(name === undefined ? {} : { logGroupName: name }),
    retention: settings.logRetentionDays,
    removalPolicy: settings.production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
