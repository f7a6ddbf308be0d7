import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * The fields of the gateway's access log, each with the variable that fills it. It covers what the function never
 * sees: refused callers, throttled calls, other paths, and the cause of a 500 or 503 of the gateway's own.
 *
 * `source_ip` may lead to a person, and is kept all the same, until the log's retention ends: for a call that was
 * refused before the function, nothing else says which site sends it. Query strings, headers, the user agent and a
 * token's subject are left out.
 *
 * Every value is a string: a variable without a value becomes `-`, which is not JSON without quotes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export const ACCESS_LOG_FIELDS = {
  time: '$context.requestTimeEpoch',
  /** The `request_id` of the answer and of the function's log line. */
  request_id: '$context.requestId',
  /** Lambda's own request id, which is in the function's log line and in Lambda's lines about a timeout. */
  function_request_id: '$context.integration.requestId',
  method: '$context.httpMethod',
  /** What was asked for, where `route_key` is empty: a terminal that was set up with another path. */
  path: '$context.path',
  route_key: '$context.routeKey',
  status: '$context.status',
  /** From the request's arrival to the answer's end. */
  latency_ms: '$context.responseLatency',
  /** The function's part of it, a cold start included. */
  integration_latency_ms: '$context.integrationLatency',
  /** What Lambda answered: 200 also for a function that failed. */
  integration_status: '$context.integration.integrationStatus',
  /** What the function answered. */
  function_status: '$context.integration.status',
  /** Why the function could not be called, or gave an answer that cannot be read. It stands nowhere else. */
  integration_error: '$context.integrationErrorMessage',
  error: '$context.error.message',
  error_type: '$context.error.responseType',
  /** Why the authorizer refused. */
  authorizer_error: '$context.authorizer.error',
  response_length: '$context.responseLength',
  source_ip: '$context.identity.sourceIp',
  /** With mutual TLS: which certificate was shown. */
  certificate_serial: '$context.identity.clientCert.serialNumber',
  certificate_subject: '$context.identity.clientCert.subjectDN',
} as const;

/**
 * Makes the format of the access log.
 *
 * @param settings `logCaller` adds the ARN of a caller that signs, which names an IAM user or a role's session.
 * @returns the name of each field with its variable.
 */
export function accessLogFields({ logCaller }: Pick<Settings, 'logCaller'>): Record<string, string> {
  return logCaller ? { ...ACCESS_LOG_FIELDS, caller: '$context.identity.userArn' } : ACCESS_LOG_FIELDS;
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
