import { styleText } from 'node:util';
import { escapeControlCharacters } from '../cli.ts';
import type { ServedRequest } from './http-exchange.ts';

/** A longer detail is cut. */
const MAX_DETAIL_LENGTH = 300;

/**
 * Describes a request in one line that a person reads, such as
 * `09:14:02.318  200 logged_out  12 ms  Wk3bq…=  connection 5f0c…  terminal T-0412 (handheld)`.
 *
 * It holds the status, the outcome, milliseconds and the request id, then what the function's log line has. No body,
 * header or query of the request is in it.
 *
 * @param request the request.
 * @param time when it was answered.
 * @returns the line, without a line break; in colours if standard output is a terminal and `NO_COLOR` is not set.
 */
export function formatRequest(request: ServedRequest, time: Date): string {
  const { status, code, ms, requestId } = request;
  const columns = [
    styleText('dim', formatTime(time)),
    styleText(colorOf(status), `${status} ${code.padEnd(22)}`),
    `${String(ms).padStart(5)} ms`,
    styleText('dim', requestId),
    ...details(request),
  ];
  return columns.join('  ');
}

function details({ logLine = {}, reason }: ServedRequest): string[] {
  const { connection_id, terminal_id, terminal_type, failed_condition, item_exists, invalid_fields, cause } =
    logLine;
  const found: (string | false)[] = [
    connection_id !== undefined && `connection ${connection_id}`,
    terminal_id !== undefined &&
      `terminal ${terminal_id}${terminal_type === undefined ? '' : ` (${terminal_type})`}`,
    terminal_id === undefined && terminal_type !== undefined && `terminal type ${terminal_type}`,
    failed_condition !== undefined && `failed: ${failed_condition}`,
    item_exists !== undefined && (item_exists ? 'the item exists' : 'there is no such item'),
    invalid_fields !== undefined && `wrong: ${invalid_fields}`,
    cause !== undefined && `cause: ${[cause.name, cause.message].filter(Boolean).join(': ')}`,
    reason !== undefined && reason,
  ];
  const cut = (detail: string) =>
    detail.length > MAX_DETAIL_LENGTH ? `${detail.slice(0, MAX_DETAIL_LENGTH)}…` : detail;
  return found.filter((detail) => detail !== false).map((detail) => escapeControlCharacters(cut(detail)));
}

function colorOf(status: number): 'green' | 'yellow' | 'red' {
  if (status < 400) return 'green';
  return status < 500 ? 'yellow' : 'red';
}

function formatTime(time: Date): string {
  return `${time.toTimeString().slice(0, 8)}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
