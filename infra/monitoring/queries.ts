import { CfnQueryDefinition, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';

/** One saved query of CloudWatch Logs Insights. */
export interface SavedQuery {
  /** Ends the query's name in the console, which shows it in a folder of the stack's name. */
  readonly id: string;
  /** What it answers. The runbook's table of queries shows it. */
  readonly question: string;
  /** Which logs it reads: the function's, the gateway's, the probe's. */
  readonly logs: readonly (keyof QueriedLogs)[];
  /** The query. `PASTE-…` is to be replaced before it is run. */
  readonly text: string;
}

/** The logs that the queries read. */
export interface QueriedLogs {
  readonly function: LogGroup;
  readonly access: LogGroup;
  /** Absent where there is no probe. */
  readonly probe?: LogGroup | undefined;
}

/** The lines of the function's log that are its own, one a request. Lambda's have a `type`. */
const REQUESTS = 'filter ispresent(outcome)';

/** Not the harmless request of the probe and the hook. */
const NOT_THE_PROBE = `(not ispresent(connection_id) or connection_id != "${NONEXISTENT_ID}")`;

/**
 * What on-call asks of the logs.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export const SAVED_QUERIES: readonly SavedQuery[] = [
  {
    id: 'one-request',
    question: 'What became of this request? By the `request_id` of the answer.',
    logs: ['function', 'access'],
    text: `fields @timestamp, @log, outcome, status, function_request_id, connection_id, terminal_id, failed_condition, item_exists, invalid_reasons, latency_ms, store_latency_ms, store_attempts, cause.name, cause.message, path, integration_error, error, authorizer_error, source_ip
| filter request_id = "PASTE-REQUEST-ID"
| sort @timestamp asc`,
  },
  {
    id: 'one-invocation',
    question: 'What did Lambda do with it, a timeout for example? By the `function_request_id`.',
    logs: ['function', 'access'],
    text: `fields @timestamp, @log, type, record.status, record.errorType, record.metrics.durationMs, record.metrics.maxMemoryUsedMB, level, errorType, errorMessage, outcome, status, request_id, source_ip
| filter function_request_id = "PASTE-FUNCTION-REQUEST-ID" or record.requestId = "PASTE-FUNCTION-REQUEST-ID" or requestId = "PASTE-FUNCTION-REQUEST-ID"
| sort @timestamp asc`,
  },
  {
    id: 'why-refused',
    question: 'Why did the function refuse: which fields, which condition?',
    logs: ['function'],
    text: `filter status >= 400 and status < 500 and ${NOT_THE_PROBE}
| stats count(*) as requests, count_distinct(connection_id) as connections, latest(request_id) as last_request by outcome, invalid_reasons, failed_condition, item_exists, body_format
| sort requests desc
| limit 100`,
  },
  {
    id: 'refused-at-gateway',
    question: 'Which callers did the gateway or its authorizer refuse, and why?',
    logs: ['access'],
    text: `filter status like /^4/ and function_status not like /^4/
| stats count(*) as requests, count_distinct(source_ip) as addresses, latest(request_id) as last_request by status, method, path, authorizer_error, error_type
| sort requests desc
| limit 100`,
  },
  {
    id: 'us-or-dynamodb',
    question: 'Is it us or DynamoDB? 500 is us, 503 is the table or the way to it.',
    logs: ['function'],
    text: `filter ispresent(cause.name)
| stats count(*) as requests, max(store_attempts) as attempts, max(store_latency_ms) as slowest_store_ms, latest(request_id) as last_request, latest(cause.message) as last_message, latest(cause.stack) as last_stack by outcome, cause.name, cause.status
| sort requests desc`,
  },
  {
    id: 'who-is-affected',
    question: 'Who is affected: how many terminals of which type?',
    logs: ['function'],
    text: `filter status >= 400 and ${NOT_THE_PROBE}
| stats count(*) as requests, count_distinct(terminal_id) as terminals, count_distinct(connection_id) as connections by outcome, terminal_type
| sort requests desc
| limit 100`,
  },
  {
    id: 'since-when',
    question: 'Since when?',
    logs: ['function'],
    text: `filter status >= 400 and ${NOT_THE_PROBE}
| stats count(*) as requests by bin(5m), outcome
| limit 1000`,
  },
  {
    id: 'types-since',
    question: 'Which terminal type is refused, and since when?',
    logs: ['function'],
    text: `filter status >= 400 and status < 500 and ispresent(terminal_type)
| stats min(@timestamp) as since, count(*) as requests, count_distinct(terminal_id) as terminals by terminal_type, stored_terminal_type, outcome, invalid_reasons, failed_condition
| sort requests desc
| limit 100`,
  },
  {
    id: 'one-terminal',
    question: 'Did this terminal log out, and what does it send?',
    logs: ['function'],
    text: `fields @timestamp, outcome, status, request_id, connection_id, failed_condition, item_exists, invalid_reasons, date_skew_s, date_has_offset
| filter terminal_id = "PASTE-TERMINAL-ID"
| sort @timestamp desc
| limit 1000`,
  },
  {
    id: 'one-connection',
    question: 'What happened to this connection?',
    logs: ['function'],
    text: `fields @timestamp, outcome, status, request_id, terminal_id, terminal_type, failed_condition, item_exists, store_attempts, latency_ms
| filter connection_id = "PASTE-CONNECTION-ID"
| sort @timestamp asc
| limit 1000`,
  },
  {
    id: 'canary-against-old',
    question: 'Is the new version worse than the old one?',
    logs: ['function'],
    text: `${REQUESTS}
| fields status >= 500 as is_failed, status >= 400 and status < 500 as is_refused
| stats count(*) as requests, sum(is_failed) as failed, sum(is_refused) as refused, pct(latency_ms, 95) as p95_ms by function_version
| sort function_version desc`,
  },
  {
    id: 'how-many-failed',
    question: 'How many requests failed, timeouts included?',
    logs: ['access'],
    text: `filter status like /^5/ or status = "429"
| stats count(*) as requests, count_distinct(source_ip) as addresses by status, function_status, error_type
| sort requests desc`,
  },
  {
    id: 'gateway-faults',
    question: 'Why 5xx, in the words of the gateway?',
    logs: ['access'],
    // The text may go on with an ARN or an id: what stands before it is the kind.
    text: `filter status like /^5/
| parse integration_error /^(?<kind>[^:;0-9(]*)/
| stats count(*) as requests, latest(request_id) as last_request by status, integration_status, function_status, error_type, kind
| sort requests desc`,
  },
  {
    id: 'platform-faults',
    question: 'Which crashes, timeouts and failed starts are there, in the words of Lambda?',
    logs: ['function'],
    text: `fields @timestamp, type, record.status, record.errorType, record.requestId, record.metrics.durationMs, record.metrics.maxMemoryUsedMB, errorType, errorMessage
| filter (type in ["platform.initReport", "platform.report"] and record.status != "success") or level in ["ERROR", "FATAL"]
| sort @timestamp desc
| limit 100`,
  },
  {
    id: 'one-address',
    question: 'What does this address send?',
    logs: ['access'],
    text: `filter source_ip = "PASTE-ADDRESS"
| stats count(*) as requests, latest(request_id) as last_request by bin(1m), method, path, status
| sort requests desc
| limit 100`,
  },
  {
    id: 'busiest-addresses',
    question: 'Which address sends most?',
    logs: ['access'],
    text: `stats count(*) as requests by source_ip, certificate_subject, status
| sort requests desc
| limit 50`,
  },
  {
    id: 'slowest',
    question: 'Which requests were slow: the table, or a cold start?',
    logs: ['function'],
    text: `fields @timestamp, latency_ms, store_latency_ms, store_attempts, cold_start, outcome, request_id
| ${REQUESTS}
| sort latency_ms desc
| limit 50`,
  },
  {
    id: 'wrong-clocks',
    question: 'Which terminals have a wrong clock or zone?',
    logs: ['function'],
    text: `filter ispresent(date_skew_s)
| stats count(*) as requests, min(date_skew_s) as earliest_s, max(date_skew_s) as latest_s by terminal_type, date_has_offset, outcome
| sort latest_s desc
| limit 100`,
  },
  {
    id: 'probe-failures',
    question: 'What was the probe answered?',
    logs: ['probe'],
    text: `fields @timestamp, errorType, errorMessage
| filter level in ["ERROR", "FATAL"]
| sort @timestamp desc
| limit 100`,
  },
];

/**
 * Saves the queries in CloudWatch Logs Insights, except those of a log that the stack does not have.
 *
 * @param scope what they belong to.
 * @param folder the folder in the console: what stands before the last slash of a name.
 * @param logs what they read.
 */
export function saveQueries(scope: Construct, folder: string, logs: QueriedLogs): void {
  for (const query of SAVED_QUERIES) {
    const groups = query.logs.flatMap((log) => logs[log] ?? []);
    if (groups.length < query.logs.length) continue;
    new CfnQueryDefinition(scope, query.id, {
      name: `${folder}/${query.id}`,
      queryString: query.text,
      logGroupNames: groups.map(({ logGroupName }) => logGroupName),
    });
  }
}
