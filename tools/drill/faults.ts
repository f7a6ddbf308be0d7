import {
  fail,
  lateBefore,
  loseAnswer,
  missingTable,
  type Fault as TableFault,
} from '../local/faulty-dynamodb.ts';

/** One thing that a drill breaks, and what on-call finds of it. A test holds it against what happens. */
export interface DrillFault {
  /** What the command line calls it. */
  readonly name: string;
  /** What is broken: a sentence. */
  readonly breaks: string;
  /** Where: between function and table, at the login service, or in the terminals' program. */
  readonly place: Place;
  /** What the function logs for a request that meets it. */
  readonly logs: Readonly<Record<string, unknown>>;
  /** The alarm that fires where it lasts, by the end of its name. */
  readonly alarm: string;
  /** The saved query that shows it. */
  readonly query: string;
  /** The heading in docs/runbook.md. */
  readonly section: string;
}

/** What is broken. */
type Place =
  /** @param attempt the number of the attempt at this connection, from 1. */
  | { readonly at: 'table'; readonly fault: (attempt: number) => TableFault | undefined }
  | { readonly at: 'connections' }
  | { readonly at: 'login' }
  | { readonly at: 'terminals'; readonly change: Readonly<Record<string, string>> };

/** Longer than an attempt may take, so that the function asks again while the table is still at it. */
const SLOW_MS = 1_800;

/** Every fault, in the order of a drill. */
export const FAULTS: readonly DrillFault[] = [
  {
    name: 'table-throttles',
    breaks: 'The table throttles every write, and writes nothing.',
    place: { at: 'table', fault: () => fail(400, 'ProvisionedThroughputExceededException') },
    logs: {
      outcome: 'store_unavailable',
      status: 503,
      store_attempts: 3,
      'cause.name': 'ProvisionedThroughputExceededException',
    },
    alarm: 'failing',
    query: 'us-or-dynamodb',
    section: 'failing',
  },
  {
    name: 'table-unreachable',
    breaks: 'Connections to the table are refused.',
    place: { at: 'connections' },
    logs: { outcome: 'store_unavailable', status: 503, store_attempts: 3 },
    alarm: 'failing',
    query: 'us-or-dynamodb',
    section: 'failing',
  },
  {
    name: 'answers-lost',
    breaks: 'The table writes, but each connection breaks before its answer.',
    place: { at: 'table', fault: () => loseAnswer },
    logs: { outcome: 'store_unavailable', status: 503, store_attempts: 3 },
    alarm: 'failing',
    query: 'one-connection',
    section: 'failing',
  },
  {
    name: 'table-missing',
    breaks: 'The function was deployed with the name of a table that does not exist.',
    place: { at: 'table', fault: () => missingTable },
    logs: { outcome: 'internal_error', status: 500, 'cause.name': 'ResourceNotFoundException' },
    alarm: 'defect',
    query: 'us-or-dynamodb',
    section: 'defect',
  },
  {
    name: 'table-slow',
    breaks: `The table takes ${SLOW_MS} ms for the first attempt, longer than the function waits.`,
    place: { at: 'table', fault: (attempt) => (attempt === 1 ? lateBefore(SLOW_MS) : undefined) },
    logs: { outcome: 'logged_out', status: 200, store_attempts: 2 },
    alarm: 'slow',
    query: 'slowest',
    section: 'slow',
  },
  {
    name: 'login-missing',
    breaks: 'The login service writes no items: the connections are in its own store only.',
    place: { at: 'login' },
    logs: { outcome: 'connection_not_found', status: 404, failed_condition: 'exists', item_exists: false },
    alarm: 'refused-widely',
    query: 'why-refused',
    section: 'refused-widely',
  },
  {
    name: 'terminals-updated',
    breaks: 'A new program of the terminals sends date_logout as 24/11/2026 12:00.',
    place: { at: 'terminals', change: { date_logout: '24/11/2026 12:00' } },
    logs: { outcome: 'invalid_connection', status: 400, invalid_fields: 'date_logout' },
    alarm: 'refused-widely',
    query: 'why-refused',
    section: 'refused-widely',
  },
];
