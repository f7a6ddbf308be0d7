/**
 * The fields of the gateway's access log, each with the variable that fills it. It covers what the function never
 * sees: refused callers, throttled calls, other paths, and the cause of a 500 or 503 of the gateway's own.
 *
 * `source_ip` may lead to a person, and is kept all the same, until the log's retention ends: for a call that was
 * refused before the function, nothing else says which site sends it. Query strings, headers, the user agent and the
 * caller's identity are left out.
 *
 * Every value is a string: a variable without a value becomes `-`, which would be no JSON without its quotes.
 */
export const ACCESS_LOG_FIELDS = {
  time: '$context.requestTimeEpoch',
  /** The `request_id` of the answer and of the function's log line. */
  request_id: '$context.requestId',
  method: '$context.httpMethod',
  /** What was asked for, where `route_key` is empty: a terminal that was set up with another path. */
  path: '$context.path',
  route_key: '$context.routeKey',
  status: '$context.status',
  /** From the request's arrival to the answer's end. */
  latency_ms: '$context.responseLatency',
  /** The function's part of it, a cold start included. */
  integration_latency_ms: '$context.integrationLatency',
  integration_status: '$context.integrationStatus',
  /** Why the function could not be called, or gave an answer that cannot be read. It stands nowhere else. */
  integration_error: '$context.integrationErrorMessage',
  error: '$context.error.message',
  error_type: '$context.error.responseType',
  /** Why the authorizer refused. */
  authorizer_error: '$context.authorizer.error',
  response_length: '$context.responseLength',
  source_ip: '$context.identity.sourceIp',
} as const;
