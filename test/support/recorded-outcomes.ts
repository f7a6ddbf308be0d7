import type { Outcome } from '../../infra/monitoring/metrics.ts';
import { putEvent } from './events.ts';
import {
  createErrorResponse,
  faultyDynamoDb,
  type StoreRequest,
  type StoreResponse,
  sendResponse,
} from './faulty-dynamodb.ts';
import { startFunction } from './function.ts';

/** A line of the function's log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

const id = '11111111-2222-3333-4444-555555555555';
const request = { id, terminal_id: 'T-1', terminal_type: 'handheld' };
const loggedOut = {
  id: { S: id },
  terminal_id: { S: 'T-1' },
  terminal_type: { S: 'handheld' },
  date_logout: { S: '2026-05-09T10:00:00Z' },
  success: { BOOL: true },
};

/** The item as it is after the write that a request asks for. */
const written = (input: StoreRequest['input']): StoreResponse => {
  const values = input.ExpressionAttributeValues as Record<string, unknown>;
  const item = { ...loggedOut, date_logout: values[':date_logout'] };
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ Attributes: item })) };
};
const error = (type: string, more?: object) => createErrorResponse(400, type, undefined, more);
const refused = error('ConditionalCheckFailedException', { Item: loggedOut });

/** What makes each outcome: a request, and what the table responds where it is asked. */
const CASES: Readonly<Record<Outcome, { body: unknown; contentType?: string; table?: StoreResponse }>> = {
  logged_out: { body: request },
  repeated: { body: request, table: refused },
  malformed_body: { body: '{' },
  invalid_connection: { body: { id: 'no guid' } },
  connection_not_found: { body: { ...request, terminal_type: 'kiosk' }, table: refused },
  already_logged_out: { body: { ...request, date_logout: '2026-05-09T11:00:00Z' }, table: refused },
  body_too_large: { body: { ...request, message: 'x'.repeat(70_000) } },
  unsupported_media_type: { body: 'x', contentType: 'text/plain' },
  internal_error: { body: request, table: error('ResourceNotFoundException') },
  store_unavailable: { body: request, table: error('ProvisionedThroughputExceededException') },
};

let recorded: Promise<Readonly<Record<Outcome, LogLine>>> | undefined;

/**
 * Runs the built bundle, of stage `prod`, once for each outcome, with a stand-in for DynamoDB behind it. Only the first
 * call of a process runs it.
 *
 * @returns the lines that it wrote, by the outcome that each was meant to have.
 */
export function recordOutcomes(): Promise<Readonly<Record<Outcome, LogLine>>> {
  recorded ??= record();
  return recorded;
}

async function record(): Promise<Readonly<Record<Outcome, LogLine>>> {
  let scripted: StoreResponse | undefined;
  const dynamodb = await faultyDynamoDb('http://127.0.0.1:9');
  dynamodb.choose(
    ({ input }) =>
      ({ response }) =>
        sendResponse(response, scripted ?? written(input)),
  );
  const logout = await startFunction(dynamodb.endpoint, { STAGE: 'prod', COMMIT: '0123abc' });
  try {
    const lines: [string, LogLine][] = [];
    for (const [outcome, { body, contentType, table }] of Object.entries(CASES)) {
      scripted = table;
      await logout.invoke(putEvent({ body, requestId: outcome, ...(contentType && { contentType }) }));
      const line = logout.output.map(parsed).find((line) => line.request_id === outcome);
      if (line === undefined) throw new Error(`No line of ${outcome}`);
      lines.push([outcome, line]);
    }
    return Object.fromEntries(lines) as Record<Outcome, LogLine>;
  } finally {
    await logout.close();
    await dynamodb.close();
  }
}

function parsed(line: string): LogLine {
  return line.startsWith('{') ? JSON.parse(line) : {};
}
