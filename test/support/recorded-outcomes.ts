import { expect } from 'vitest';
import type { Outcome } from '../../infra/monitoring/metrics.ts';
import { fail, notJson } from './faults.ts';
import type { Fault } from './faulty-dynamodb.ts';
import { startFaultyFunction } from './function.ts';
import { createTable, type Item } from './table.ts';

/** The connection of the API document's examples, logged in. */
export const ITEM = {
  id: '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713',
  locator: 'MAD-04-TERRACE',
  id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
  terminal_id: 'T-0412',
  date_login: '2026-05-09T09:00:00+02:00',
  terminal_type: 'handheld',
  id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
};
const { id } = ITEM;
const date_logout = '2026-05-09T17:00:00.1234567+02:00';

/** What leads to an outcome: the item before, the request, and what the table does. */
interface Situation {
  /** Default: {@link ITEM}. */
  readonly item?: Item;
  readonly body: unknown;
  readonly contentType?: string;
  readonly headers?: Record<string, string>;
  readonly faults?: Fault[];
  /** What the log line has beside what every line has. */
  readonly line?: object;
}

const STORED = { terminal_id: 'T-0412', terminal_type: 'handheld' };
const GIVEN_DATE = { date_skew_s: expect.any(Number), date_has_offset: true };
const ASKED = { store_attempts: 1, store_latency_ms: expect.any(Number) };
const UNREAD = { connection_id: undefined };

/** What leads to each example of a response in the API document, by its name. Those of outcomes have their names. */
export const SITUATIONS: Readonly<Record<Outcome | 'unset' | 'early_logout' | 'compressed_body', Situation>> =
  {
    logged_out: {
      body: { id, terminal_id: 'T-0412', date_logout },
      line: { ...STORED, ...GIVEN_DATE, ...ASKED },
    },
    repeated: {
      item: { ...ITEM, success: true, date_logout },
      body: { id },
      line: { ...STORED, ...ASKED },
    },
    unset: { item: { id }, body: { id, date_logout } },
    malformed_body: { body: '{"id":', line: UNREAD },
    invalid_connection: {
      body: { id_user: 'x', success: 'yes', locator: [], date_login: 'noon' },
      line: {
        ...UNREAD,
        invalid_fields: 'id, locator, success, date_login, id_user',
        invalid_reasons: 'id:required, locator:type, success:format, date_login:format, id_user:format',
      },
    },
    early_logout: {
      body: { id, date_login: date_logout, date_logout: '2026-05-09T17:00:00.1234566+02:00' },
    },
    connection_not_found: {
      body: { id, terminal_id: 'T-0413' },
      line: {
        ...ASKED,
        terminal_id: 'T-0413',
        contributor: 'T-0413',
        stored_terminal_type: 'handheld',
        failed_condition: 'terminal_id',
        item_exists: true,
      },
    },
    already_logged_out: {
      item: { ...ITEM, success: true, date_logout: '2026-05-09T16:45:00Z' },
      body: { id, date_logout },
      line: {
        ...STORED,
        ...GIVEN_DATE,
        ...ASKED,
        contributor: 'T-0412',
        failed_condition: 'logged_in',
        item_exists: true,
      },
    },
    body_too_large: { body: { id, message: 'x'.repeat(65_536) }, line: UNREAD },
    unsupported_media_type: {
      body: '<id/>',
      contentType: 'application/xml',
      line: { ...UNREAD, body_format: undefined },
    },
    compressed_body: { body: { id }, headers: { 'content-encoding': 'gzip' } },
    internal_error: {
      body: { id },
      faults: [fail(400, 'AccessDeniedException')],
      line: {
        ...ASKED,
        level: 'error',
        cause: { name: 'AccessDeniedException', message: 'scripted', status: 400, stack: expect.any(String) },
      },
    },
    store_unavailable: {
      body: { id },
      // More than there are attempts. The second and the third are refusals, since the first has written.
      faults: Array(10).fill(notJson),
      line: {
        ...ASKED,
        level: 'warn',
        store_attempts: 3,
        cause: { name: 'SyntaxError', status: 400, stack: expect.any(String) },
      },
    },
  };

/** The outcomes, success first. */
export const OUTCOMES = Object.keys(SITUATIONS).filter(
  (name): name is Outcome => !['unset', 'early_logout', 'compressed_body'].includes(name),
);

/** A line of the function's log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

let recorded: Promise<Readonly<Record<Outcome, LogLine>>> | undefined;

/**
 * Runs the built bundle, of stage `prod`, once for each outcome. Only the first call of a process runs it.
 *
 * @returns the lines that it wrote, by the outcome that each was meant to have.
 */
export function recordOutcomes(): Promise<Readonly<Record<Outcome, LogLine>>> {
  recorded ??= record();
  return recorded;
}

async function record(): Promise<Readonly<Record<Outcome, LogLine>>> {
  const table = await createTable();
  const variables = { STAGE: 'prod', COMMIT: '0123abc', AWS_LAMBDA_FUNCTION_VERSION: '7' };
  const service = await startFaultyFunction(table, variables);
  try {
    const lines: [string, LogLine][] = [];
    for (const outcome of OUTCOMES) {
      const { item = ITEM, faults = [], ...request } = SITUATIONS[outcome];
      await table.put(item);
      service.dynamodb.script(id, ...faults);
      const { line } = await service.logOut({ ...request, requestId: outcome });
      lines.push([outcome, line]);
    }
    return Object.fromEntries(lines) as Record<Outcome, LogLine>;
  } finally {
    await service.close();
    table.close();
  }
}
