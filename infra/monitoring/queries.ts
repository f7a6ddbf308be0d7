import { CfnQueryDefinition, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** One saved query of CloudWatch Logs Insights. */
export interface SavedQuery {
  /** Ends the query's name in the console, where it stands in a folder of the stack's name. */
  readonly id: string;
  /** Which log it reads: the function's, the gateway's, or both. */
  readonly logs: readonly ('function' | 'access')[];
  /** The query. What is to be replaced before it is run stands in it as `PASTE-…`. */
  readonly text: string;
}

/** The lines of the function's log that are its own, one a request. Lambda's have a `type`. */
const REQUESTS = 'filter ispresent(outcome)';

/**
 * What on-call asks of the logs. The runbook says which to run when.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export const SAVED_QUERIES: readonly SavedQuery[] = [
  {
    id: 'one-request',
    logs: ['function', 'access'],
    text: `fields @timestamp, @log, outcome, status, connection_id, terminal_id, failed_condition, invalid_fields, latency_ms, store_latency_ms, store_attempts, cold_start, cause.name, cause.message, path, integration_error, error, authorizer_error, source_ip
| filter request_id = "PASTE-REQUEST-ID"
| sort @timestamp asc`,
  },
  {
    id: 'one-connection',
    logs: ['function'],
    text: `fields @timestamp, outcome, status, request_id, terminal_id, terminal_type, failed_condition, item_exists, store_attempts, latency_ms
| filter connection_id = "PASTE-CONNECTION-ID"
| sort @timestamp asc
| limit 1000`,
  },
  {
    id: 'one-terminal',
    logs: ['function'],
    text: `fields @timestamp, outcome, status, request_id, connection_id, failed_condition, item_exists, invalid_fields
| filter terminal_id = "PASTE-TERMINAL-ID"
| sort @timestamp desc
| limit 1000`,
  },
  {
    id: 'outcomes',
    logs: ['function'],
    text: `${REQUESTS}
| stats count(*) as requests, count_distinct(terminal_id) as terminals, pct(latency_ms, 95) as p95_ms, max(latency_ms) as slowest_ms by outcome
| sort requests desc`,
  },
  {
    id: 'causes',
    logs: ['function'],
    text: `filter ispresent(cause.name)
| stats count(*) as requests, latest(request_id) as last_request, latest(cause.message) as last_message, latest(cause.stack) as last_stack by outcome, cause.name, cause.status
| sort requests desc`,
  },
  {
    id: 'refusals',
    logs: ['access'],
    text: `filter status like /^4/
| stats count(*) as requests, count_distinct(source_ip) as sites, latest(request_id) as last_request by status, route_key, path, authorizer_error, error_type
| sort requests desc
| limit 100`,
  },
  {
    id: 'refused-by-function',
    logs: ['function'],
    text: `filter status >= 400 and status < 500
| stats count(*) as requests, count_distinct(connection_id) as connections, latest(request_id) as last_request by outcome, invalid_fields, failed_condition, item_exists, terminal_type
| sort requests desc
| limit 100`,
  },
  {
    id: 'gateway-faults',
    logs: ['access'],
    text: `filter status like /^5/
| stats count(*) as requests, latest(request_id) as last_request by status, integration_status, integration_error, error
| sort requests desc`,
  },
  {
    id: 'busiest-callers',
    logs: ['access'],
    text: `stats count(*) as requests by source_ip, status
| sort requests desc
| limit 50`,
  },
  {
    id: 'slowest',
    logs: ['function'],
    text: `fields @timestamp, latency_ms, store_latency_ms, store_attempts, cold_start, outcome, request_id
| ${REQUESTS}
| sort latency_ms desc
| limit 50`,
  },
  {
    id: 'cold-starts',
    logs: ['function'],
    text: `filter type = "platform.report" and ispresent(record.metrics.initDurationMs)
| stats count(*) as starts, pct(record.metrics.initDurationMs, 50) as usual_ms, max(record.metrics.initDurationMs) as slowest_ms, max(record.metrics.maxMemoryUsedMB) as memory_mb by bin(1h)`,
  },
  {
    id: 'platform-faults',
    logs: ['function'],
    text: `fields @timestamp, type, record.status, record.errorType, record.requestId, record.metrics.durationMs, record.metrics.maxMemoryUsedMB, errorType, errorMessage
| filter (type in ["platform.initReport", "platform.report"] and record.status != "success") or level in ["ERROR", "FATAL"]
| sort @timestamp desc
| limit 100`,
  },
];

/** The logs that the queries read. */
export interface QueriedLogs {
  readonly function: LogGroup;
  readonly access: LogGroup;
}

/**
 * Saves the queries in CloudWatch Logs Insights.
 *
 * @param scope what they belong to.
 * @param folder the folder in the console, which CloudWatch makes of what stands before the last slash.
 * @param logs what they read.
 */
export function saveQueries(scope: Construct, folder: string, logs: QueriedLogs): void {
  for (const query of SAVED_QUERIES) {
    new CfnQueryDefinition(scope, query.id, {
      name: `${folder}/${query.id}`,
      queryString: query.text,
      logGroupNames: query.logs.map((log) => logs[log].logGroupName),
    });
  }
}
