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
}

/** What leads to each example of a response in the API document, by its name. Those of outcomes have their names. */
export const SITUATIONS: Readonly<Record<Outcome | 'unset' | 'early_logout' | 'compressed_body', Situation>> =
  {
    logged_out: { body: { id, terminal_id: 'T-0412', date_logout } },
    repeated: { item: { ...ITEM, success: true, date_logout }, body: { id } },
    unset: { item: { id }, body: { id, date_logout } },
    malformed_body: { body: '{"id":' },
    invalid_connection: { body: { id_user: 'x', success: 'yes', locator: [], date_login: 'noon' } },
    early_logout: {
      body: { id, date_login: date_logout, date_logout: '2026-05-09T17:00:00.1234566+02:00' },
    },
    connection_not_found: { body: { id, terminal_id: 'T-0413' } },
    already_logged_out: {
      item: { ...ITEM, success: true, date_logout: '2026-05-09T16:45:00Z' },
      body: { id, date_logout },
    },
    body_too_large: { body: { id, message: 'x'.repeat(65_536) } },
    unsupported_media_type: { body: '<id/>', contentType: 'application/xml' },
    compressed_body: { body: { id }, headers: { 'content-encoding': 'gzip' } },
    internal_error: { body: { id }, faults: [fail(400, 'AccessDeniedException')] },
    // More than there are attempts.
    store_unavailable: { body: { id }, faults: Array(10).fill(notJson) },
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
      service.proxy.script(...faults);
      const { line } = await service.logOut({ ...request, requestId: outcome });
      lines.push([outcome, line]);
    }
    return Object.fromEntries(lines) as Record<Outcome, LogLine>;
  } finally {
    await service.close();
    table.close();
  }
}
