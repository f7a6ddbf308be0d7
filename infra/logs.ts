import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * The fields of the gateway's access log, each with the variable that fills it: those that a query or a rule reads, since
 * each line costs. It covers what the function never sees: refused callers, throttled calls, other paths, and the cause
 * of a 500 or 503 of the gateway's own.
 *
 * `source_ip` may lead to a person, and is kept all the same, until the log's retention ends: for a call that was
 * refused before the function, nothing else says which site sends it. Query strings, headers, the user agent and a
 * token's subject are left out.
 *
 * Every value is a string: a variable without a value becomes `-`, which is not JSON without quotes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export const ACCESS_LOG_FIELDS = {
  /** The `request_id` of the response and of the function's log line. */
  request_id: '$context.requestId',
  /** Lambda's own request id, which is in the function's log line and in Lambda's lines about a timeout. */
  function_request_id: '$context.integration.requestId',
  method: '$context.httpMethod',
  /** What was asked for, where `route_key` is empty: a terminal that was set up with another path. */
  path: '$context.path',
  route_key: '$context.routeKey',
  status: '$context.status',
  /** The status that the function responded with: `-` where it was not called, or ended without a response. */
  function_status: '$context.integration.status',
  /** From the request's arrival to the response's end, a cold start included. */
  latency_ms: '$context.responseLatency',
  /** Why the function could not be called, or its response cannot be read. It stands nowhere else. */
  integration_error: '$context.integrationErrorMessage',
  error_type: '$context.error.responseType',
  /** Why the authorizer refused. */
  authorizer_error: '$context.authorizer.error',
  source_ip: '$context.identity.sourceIp',
} as const;

/**
 * Makes the format of the access log.
 *
 * @param settings with `truststoreUri` the certificate that was shown is added, with `logCaller` the ARN of a caller that
 *   signs, which names an IAM user or a role's session.
 * @returns the name of each field with its variable.
 */
export function listAccessLogFields({
  truststoreUri,
  logCaller,
}: Pick<Settings, 'truststoreUri' | 'logCaller'>): Record<string, string> {
  return {
    ...ACCESS_LOG_FIELDS,
    ...(truststoreUri && { certificate_subject: '$context.identity.clientCert.subjectDN' }),
    ...(logCaller && { caller: '$context.identity.userArn' }),
  };
}

/**
 * Creates a log group of this service.
 *
 * @param scope what the log belongs to.
 * @param id unique in the scope.
 * @param settings `logRetentionDays` says how long lines are kept, `production` whether the group outlives the stack.
 * @param props the group's name. Default: CloudFormation derives one from the stack's.
 * @returns the group.
 */
export function createLogGroup(
  scope: Construct,
  id: string,
  settings: Settings,
  props: Pick<LogGroupProps, 'logGroupName'> = {},
): LogGroup {
  return new LogGroup(scope, id, {
    ...props,
    retention: settings.logRetentionDays,
    removalPolicy: settings.production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
