import {
  fail,
  loseAnswer,
  missingTable,
  pass,
  reset,
  silence,
  type Fault as TableFault,
} from '../local/faulty-dynamodb.ts';

/** One thing that a drill breaks, and what on-call finds of it. A test holds it against what happens. */
export interface DrillFault {
  /** What the command line calls it. */
  readonly name: string;
  /** What is broken: a sentence. */
  readonly breaks: string;
  /** What happens between function and table. @param attempt the number of the attempt at a write, from 1. */
  readonly table?: (attempt: number) => TableFault;
  /** What the terminals send in place of the right values. */
  readonly sent?: Readonly<Record<string, string>>;
  /** Whether the items of the login service are missing. */
  readonly isLoginMissing?: boolean;
  /** What the function logs for a request that meets it. */
  readonly logs: Readonly<Record<string, unknown>>;
  /** The alarm that fires where it lasts, by the end of its name. */
  readonly alarm: string;
  /** The saved query that shows it. */
  readonly query: string;
  /** The heading in docs/runbook.md. */
  readonly section: string;
}

/** Every fault, in the order of a drill. */
export const FAULTS: readonly DrillFault[] = [
  {
    name: 'table-throttles',
    breaks: 'The table throttles every write, and writes nothing.',
    table: () => fail(400, 'ProvisionedThroughputExceededException'),
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
    breaks: 'Every connection to the table is reset before the table sees the write.',
    table: () => reset,
    logs: { outcome: 'store_unavailable', status: 503, store_attempts: 3 },
    alarm: 'failing',
    query: 'us-or-dynamodb',
    section: 'failing',
  },
  {
    name: 'answers-lost',
    breaks: 'The table writes, but each connection breaks before its answer.',
    table: () => loseAnswer,
    logs: { outcome: 'store_unavailable', status: 503, store_attempts: 3 },
    alarm: 'failing',
    query: 'one-connection',
    section: 'failing',
  },
  {
    name: 'table-missing',
    breaks: 'The function was deployed with the name of a table that does not exist.',
    table: () => missingTable,
    logs: { outcome: 'internal_error', status: 500, 'cause.name': 'ResourceNotFoundException' },
    alarm: 'defect',
    query: 'us-or-dynamodb',
    section: 'defect',
  },
  {
    name: 'table-slow',
    breaks: 'The table answers only the third attempt at each write.',
    table: (attempt) => (attempt < 3 ? silence : pass),
    logs: { outcome: 'logged_out', status: 200, store_attempts: 3 },
    alarm: 'slow',
    query: 'slowest',
    section: 'slow',
  },
  {
    name: 'login-missing',
    breaks: 'The login service writes no items: the connections are in its own store only.',
    isLoginMissing: true,
    logs: { outcome: 'connection_not_found', status: 404, failed_condition: 'exists', item_exists: false },
    alarm: 'refused-widely',
    query: 'why-refused',
    section: 'refused-widely',
  },
  {
    name: 'terminals-updated',
    breaks: 'A new program of the terminals sends date_logout as 24/11/2026 12:00.',
    sent: { date_logout: '24/11/2026 12:00' },
    logs: { outcome: 'invalid_connection', status: 400, invalid_fields: 'date_logout' },
    alarm: 'refused-widely',
    query: 'why-refused',
    section: 'refused-widely',
  },
];
