import {
  lateBefore,
  loseAnswer,
  missingTable,
  pass,
  type Fault as WriteFault,
} from '../../test/support/faulty-dynamodb.ts';

/** One thing that is broken in a drill, and what must come of it. */
export interface Fault {
  /** What the command line calls it. */
  readonly name: string;
  /** What is broken: a sentence. */
  readonly breaks: string;
  /** How long it stays broken, in seconds. */
  readonly seconds: number;
  /** How it is broken. */
  readonly by: Breakage;
  /** What terminals must be answered meanwhile: status and outcome. */
  readonly answer: string;
  /** The alarms that must fire, by the end of their names. The first is the one whose mail is read. */
  readonly alarms: readonly [string, ...string[]];
  /** The saved queries that find it, in the order in which one comes to them. */
  readonly queries: readonly Finding[];
  /** The section of the runbook where one ends up, and where it has a table, the row of it: a part of its first cell. */
  readonly section: string;
  readonly row?: string;
}

/** What stands between the function and its table, or what the terminals do. */
export type Breakage =
  | {
      readonly what: 'writes';
      /** What happens to an attempt of the function's: its first, second or third. */
      readonly fault: (attempt: number) => WriteFault;
      /** Whether DynamoDB would count each of them as throttled. */
      readonly throttles?: true;
    }
  | { readonly what: 'connections' }
  | { readonly what: 'release' };

/** What a saved query must find. */
export interface Finding {
  /** Its id. */
  readonly query: string;
  /** Values of columns of its first row, as texts. */
  readonly finds: Readonly<Record<string, string>>;
}

/** As DynamoDB words it. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLED = {
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message:
    'The level of configured provisioned throughput for the table was exceeded. ' +
    'Consider increasing your provisioning level with the UpdateTable API.',
};

const throttle: WriteFault = ({ response }) => {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(THROTTLED));
};

/** Longer than an attempt may take, so that the function asks again while the table is still at it. */
const SLOW_MS = 1_800;

/** Every fault that can be drilled, in the order in which they are. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'table-throttles',
    breaks: 'The table throttles every write, and writes nothing.',
    seconds: 3,
    by: { what: 'writes', fault: () => throttle, throttles: true },
    answer: '503 store_unavailable',
    alarms: ['table-throttles', 'store-unavailable', 'gateway-5xx'],
    queries: [{ query: 'causes', finds: { 'cause.name': 'ProvisionedThroughputExceededException' } }],
    section: 'table-throttles',
  },
  {
    name: 'table-unreachable',
    breaks: 'Nobody listens where the table was: connections are refused.',
    seconds: 3,
    by: { what: 'connections' },
    answer: '503 store_unavailable',
    alarms: ['store-unavailable', 'gateway-5xx'],
    queries: [
      { query: 'gateway-faults', finds: { status: '503', integration_status: '200' } },
      { query: 'causes', finds: { outcome: 'store_unavailable', 'cause.name': 'Error' } },
    ],
    section: 'store-unavailable',
    row: 'ECONNREFUSED',
  },
  {
    name: 'answers-lost',
    breaks: 'The table writes, but every connection breaks before its answer.',
    seconds: 3,
    by: { what: 'writes', fault: () => loseAnswer },
    answer: '503 store_unavailable',
    alarms: ['store-unavailable', 'gateway-5xx'],
    queries: [
      { query: 'causes', finds: { outcome: 'store_unavailable', 'cause.name': 'TimeoutError' } },
      { query: 'one-connection', finds: { outcome: 'store_unavailable' } },
    ],
    section: 'store_unavailable',
  },
  {
    name: 'defect',
    breaks: 'A deployment gave the function the name of a table that is not there.',
    seconds: 3,
    // The one defect that can be made from outside, and the table's own answer: the code has none that we know of.
    by: { what: 'writes', fault: () => missingTable },
    answer: '500 internal_error',
    alarms: ['internal-error', 'gateway-5xx'],
    queries: [
      { query: 'causes', finds: { outcome: 'internal_error', 'cause.name': 'ResourceNotFoundException' } },
    ],
    section: 'internal-error',
    row: 'ResourceNotFoundException',
  },
  {
    name: 'bad-requests',
    breaks:
      'A new release of the handhelds sends date_logout as 24/11/2026 12:00, and repeats whatever the answer.',
    seconds: 3,
    by: { what: 'release' },
    answer: '400 invalid_connection',
    alarms: ['gateway-4xx'],
    queries: [
      { query: 'refusals', finds: { status: '400' } },
      {
        query: 'refused-by-function',
        finds: { outcome: 'invalid_connection', invalid_fields: 'date_logout' },
      },
    ],
    section: 'gateway-4xx',
    row: '400',
  },
  {
    name: 'slow-table',
    breaks: `The table takes ${SLOW_MS / 1_000} s for two attempts of three, longer than the function waits for one.`,
    seconds: 5,
    by: { what: 'writes', fault: (attempt) => (attempt === 3 ? pass : lateBefore(SLOW_MS)) },
    // The first attempt was written after the function had given it up: the third finds it done.
    answer: '200 repeated',
    alarms: ['gateway-latency'],
    queries: [{ query: 'slowest', finds: { store_attempts: '3' } }],
    section: 'gateway-latency',
    row: 'The store as the function sees it',
  },
];
