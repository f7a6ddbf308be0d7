import { styleText } from 'node:util';
import { escapeControlCharacters } from '../cli.ts';
import type { LogEvent } from './stack-logs.ts';

/** What a line of the function or of the gateway's access log may hold. */
type Fields = Readonly<Record<string, unknown>>;

/** Fields that are for CloudWatch. */
const HIDDEN = ['_aws', 'requests', 'timestamp', 'time'];

/**
 * Shows a line of a log in one line: its time in UTC, whose log it is, status, outcome and request id, or what Lambda
 * says of itself. A line that is not JSON is shown as it is.
 *
 * @returns the line, without control characters.
 */
export function summaryLine(event: LogEvent): string {
  const fields = parseFields(event.message);
  const time = new Date(event.timestamp).toISOString().slice('yyyy-MM-ddT'.length, -1);
  const { status = '', outcome, type, level, latency_ms, request_id, method, path } = fields ?? {};
  const text =
    fields === undefined
      ? event.message
      : [
          String(status).padEnd(3),
          String(outcome ?? type ?? (path && `${method} ${path}`) ?? level).padEnd(20),
          latency_ms !== undefined && `${latency_ms} ms`,
          request_id,
        ]
          .filter((part) => part !== false && part !== undefined)
          .join(' ');
  return `${styleText('dim', `${time} ${sourceOf(event).padEnd(8)}`)} ${escapeControlCharacters(text)}`;
}

/**
 * Shows a line of a log with every field on a line of its own, indented; those of a nested object as `cause.name`.
 *
 * @returns the lines, without control characters.
 */
export function detailLines(event: LogEvent): string {
  const fields = Object.entries(flatten(parseFields(event.message) ?? {}));
  return [
    summaryLine(event),
    ...fields.map(([name, value]) => `  ${name}: ${escapeControlCharacters(value)}`),
  ].join('\n');
}

function sourceOf({ logGroupName }: LogEvent): string {
  return logGroupName.startsWith('/aws/vendedlogs/') ? 'gateway' : 'function';
}

function parseFields(message: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** The gateway writes `-` where it has no value. */
function flatten(fields: Fields, prefix = ''): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (HIDDEN.includes(name) || value === '-') continue;
    if (typeof value === 'object' && value !== null)
      Object.assign(flat, flatten(value as Fields, `${prefix}${name}.`));
    else flat[`${prefix}${name}`] = String(value);
  }
  return flat;
}
