import { styleText } from 'node:util';
import type { LogFields } from '../../lambda/observability.ts';
import { escapeControlCharacters } from '../cli.ts';

/** The fields that are shown below a request, where its log line has them. */
const SHOWN = ['connection_id', 'terminal_id', 'failed_condition', 'item_exists', 'invalid_reasons'] as const;

/** The width that a line is broken at, between two fields. */
const COLUMNS = 80;

/**
 * Shows the function's log line of a request as a person reads it: status, outcome, milliseconds and request id in one
 * line, and below it what the log line says of the connection, or of the cause of a failure.
 *
 * @param line a line that the function wrote.
 * @param toSourceStack replaces the places of the bundle in a stack by those of the sources.
 * @returns the lines, of 80 columns where no value is longer, without control characters; `undefined` if it is not the
 *   log line of a request.
 */
export function formatLogLine(
  line: string,
  toSourceStack: (stack: string) => string = (stack) => stack,
): string | undefined {
  const fields = parseLogLine(line);
  if (fields === undefined) return undefined;
  const { status = 0, outcome = '', latency_ms = 0, request_id = '', cause } = fields;
  const shown = SHOWN.flatMap((name) => (fields[name] === undefined ? [] : [`${name}=${fields[name]}`]));
  if (cause !== undefined) shown.push([cause.name, cause.message].filter(Boolean).join(': '));
  const stack = cause?.stack && styleText('dim', toSourceStack(cause.stack).replace(/^/gm, '    '));
  return [
    formatHead(status, outcome, `${Math.round(latency_ms)} ms`, request_id),
    ...wrap(shown),
    ...(stack ? [stack] : []),
  ].join('\n');
}

/** Shows a response of the gateway's own in the same way, with its reason. */
export function formatOwnResponse(status: number, requestId: string, reason: string): string {
  return [formatHead(status, 'by the gateway', '', requestId), ...wrap([reason])].join('\n');
}

function formatHead(status: number, outcome: string, latency: string, requestId: string): string {
  const color = status < 400 ? 'green' : status < 500 ? 'yellow' : 'red';
  const text = styleText(color, `${status} ${outcome.padEnd(22)}`);
  return `${text}  ${latency.padStart(8)}  ${styleText('dim', requestId)}`;
}

function wrap(texts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const next = escapeControlCharacters(text);
    const last = lines.at(-1);
    if (last !== undefined && last.length + next.length + 2 <= COLUMNS) {
      lines[lines.length - 1] = `${last}  ${next}`;
    } else {
      lines.push(`    ${next}`);
    }
  }
  return lines;
}

function parseLogLine(line: string): LogFields | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value?.outcome === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
