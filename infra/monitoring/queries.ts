import { CfnQueryDefinition, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';
import { ROUTE_PATH } from '../../lambda/http/event.ts';

/** The logs that the queries read. */
export interface QueriedLogs {
  readonly function: LogGroup;
  readonly access: LogGroup;
  readonly probe: LogGroup | undefined;
}

/** Not the harmless request of the probe and the hook. */
const NOT_THE_PROBE = `(not ispresent(connection_id) or connection_id != "${NONEXISTENT_ID}")`;

/** Lambda's own lines of failures, and errors that nothing caught. */
const PLATFORM_FAULTS = `fields @timestamp, message.errorType, message.errorMessage, type, record.status, record.errorType, record.requestId, record.metrics.durationMs, record.metrics.maxMemoryUsedMB
| filter (type in ["platform.initReport", "platform.report"] and record.status != "success") or level in ["ERROR", "FATAL"]
| sort @timestamp desc
| limit 100`;

/**
 * What on-call asks of the logs, by the end of the query's name: the question, the logs that it reads, and the query, in
 * which `PASTE-HERE` is to be replaced. The function's lines have an `outcome`, and Lambda's a `type`; an error that the
 * runtime logs has a `level`, and its parts below `message`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export const SAVED_QUERIES = {
  'one-request': {
    question:
      'What became of this request? By the `request_id` of the response, or by `function_request_id`.',
    logs: ['function', 'access'],
    text: `fields @timestamp, @log, outcome, status, request_id, function_request_id, connection_id, terminal_id, failed_condition, item_exists, invalid_reasons, latency_ms, store_latency_ms, store_attempts, cause.name, cause.message, path, function_status, integration_error, authorizer_error, source_ip, type, record.status, record.errorType, record.metrics.durationMs, level, message.errorType, message.errorMessage
| filter request_id = "PASTE-HERE" or function_request_id = "PASTE-HERE" or record.requestId = "PASTE-HERE" or requestId = "PASTE-HERE"
| sort @timestamp asc`,
  },
  'one-terminal': {
    question: 'Did this terminal log out, and what does it send? By `terminal_id` or `connection_id`.',
    logs: ['function'],
    text: `fields @timestamp, outcome, status, request_id, connection_id, terminal_id, failed_condition, item_exists, invalid_reasons, date_skew_s, date_has_offset, store_attempts
| filter terminal_id = "PASTE-HERE" or connection_id = "PASTE-HERE"
| sort @timestamp desc
| limit 1000`,
  },
  'why-refused': {
    question: 'Why are requests refused, by the function or by the gateway, and from how many?',
    logs: ['function', 'access'],
    // A request that reached the function is in both logs: it counts where the reasons are.
    text: `filter (ispresent(outcome) and status >= 400 and status < 500 and ${NOT_THE_PROBE}) or (route_key = "PUT ${ROUTE_PATH}" and function_status = "-" and status like /^4/)
| stats min(@timestamp) as since, count(*) as requests, count_distinct(contributor) as terminals, count_distinct(source_ip) as addresses, latest(request_id) as last_request by status, outcome, invalid_reasons, failed_condition, item_exists, body_format, authorizer_error
| sort requests desc
| limit 100`,
  },
  'types-since': {
    question: 'Which terminal type is refused, since when, and how far are its dates from our clock?',
    logs: ['function'],
    text: `filter status >= 400 and status < 500 and ${NOT_THE_PROBE}
| stats min(@timestamp) as since, count(*) as requests, count_distinct(contributor) as terminals, min(date_skew_s) as earliest_s, max(date_skew_s) as latest_s by terminal_type, stored_terminal_type, outcome, invalid_reasons, failed_condition, date_has_offset
| sort requests desc
| limit 100`,
  },
  'busiest-addresses': {
    question: 'Which address sends most, and what?',
    logs: ['access'],
    text: `stats min(@timestamp) as since, count(*) as requests, latest(request_id) as last_request by source_ip, certificate_subject, method, path, status
| sort requests desc
| limit 50`,
  },
  'us-or-dynamodb': {
    question: 'Is it us or DynamoDB? 500 is us, 503 is the table or the way to it.',
    logs: ['function'],
    text: `filter ispresent(cause.name)
| stats min(@timestamp) as since, count(*) as requests, count_distinct(terminal_id) as terminals, max(store_attempts) as attempts, max(store_latency_ms) as slowest_store_ms, latest(request_id) as last_request, latest(cause.message) as last_message, latest(cause.stack) as last_stack by outcome, cause.name, cause.status
| sort requests desc`,
  },
  'gateway-faults': {
    question: 'Why 5xx or 429, in the words of the gateway?',
    logs: ['access'],
    // The text may go on with an ARN or an id: what stands before it is the kind.
    text: `filter status like /^5/ or status = "429"
| parse integration_error /^(?<kind>[^:;0-9(]*)/
| stats min(@timestamp) as since, count(*) as requests, count_distinct(source_ip) as addresses, latest(request_id) as last_request by status, function_status, error_type, kind
| sort requests desc`,
  },
  'platform-faults': {
    question: 'Which crashes, timeouts and failed starts does Lambda report?',
    logs: ['function'],
    text: PLATFORM_FAULTS,
  },
  'canary-against-old': {
    question: 'Is the new version worse or slower than the old one, and why?',
    logs: ['function'],
    text: `filter ispresent(outcome)
| fields status >= 500 as is_failed, status >= 400 and status < 500 as is_refused, ispresent(tz_version) as is_start
| stats count(*) as requests, sum(is_failed) as failed, sum(is_refused) as refused, pct(latency_ms, 95) as p95_ms, pct(store_latency_ms, 95) as store_p95_ms, max(store_attempts) as attempts, sum(is_start) as cold_starts, latest(tz_version) as zone_rules by function_version
| sort function_version desc`,
  },
  'probe-failures': { question: 'What did the probe get?', logs: ['probe'], text: PLATFORM_FAULTS },
} as const satisfies Record<string, { question: string; logs: (keyof QueriedLogs)[]; text: string }>;

/** Saves the queries in CloudWatch Logs Insights, in a folder of the console, except those of a log that is absent. */
export function saveQueries(scope: Construct, folder: string, logs: QueriedLogs): void {
  for (const [id, query] of Object.entries(SAVED_QUERIES)) {
    const logGroupNames = query.logs.flatMap((log) => logs[log]?.logGroupName ?? []);
    if (logGroupNames.length < query.logs.length) continue;
    new CfnQueryDefinition(scope, id, { name: `${folder}/${id}`, queryString: query.text, logGroupNames });
  }
}
