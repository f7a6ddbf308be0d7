import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRecord } from '../support/api-document.ts';
import { MARKED_USER, MARKER, markedConnection, markedRequest } from '../support/connections.ts';
import { fail, loseResponse, notJson } from '../support/faults.ts';
import type { Fault } from '../support/faulty-dynamodb.ts';
import { type FaultyFunction, startFaultyFunction } from '../support/function.ts';
import type { Item, LocalTable } from '../support/table.ts';
import { createTable } from '../support/table.ts';

// ——— The model: the contract of a connection's life ———

/** Dates as they are sent and stored, and which of them are one instant. */
const INSTANTS: Readonly<Record<string, number>> = {
  '2026-05-09T17:00:00+02:00': 1,
  '2026-05-09T15:00:00Z': 1,
  '2026-05-09T15:00:00.0000001Z': 2,
  '2026-05-08T23:59:59.9999999-05:00': 3,
};
const instant = (date: string) => INSTANTS[date] ?? date;

/** What a terminal asks for. */
interface Logout {
  readonly identity: Readonly<Record<string, string>>;
  readonly date_logout?: string;
  readonly message?: string;
  /** The subject of a token, where callers are authenticated by token; null for a token without one. */
  readonly caller?: string | null;
}

/** What the contract says of one logout: its outcome, and the item as it is then. `clock` is the server's. */
function logOut(item: Item | undefined, logout: Logout, clock: string): [outcome: string, item?: Item] {
  // No such connection, or an identity field or the caller does not match: one and the same response.
  if (item === undefined) return ['connection_not_found'];
  const { identity, caller, message } = logout;
  const isSame = Object.entries(identity).every(([field, value]) => item[field] === value);
  const isCallers = caller === undefined || caller === item.id_user;
  if (!isSame || !isCallers) return ['connection_not_found', item];

  // Already logged out: a repeat gives no date or the same instant, and changes nothing.
  const stored = item.date_logout as string | null | undefined;
  const given = logout.date_logout;
  if (stored && !stored.startsWith('0001-')) {
    const isRepeat = given === undefined || instant(given) === instant(stored);
    return [isRepeat ? 'repeated' : 'already_logged_out', item];
  }

  // Logged in: only date_logout, success and, if given, message are written.
  const date_logout = given ?? clock;
  return ['logged_out', { ...item, date_logout, success: true, ...(message !== undefined && { message }) }];
}

/** A fault on the way to the table: what the outcome is then, if not the model's, and whether the write is done. */
interface OnTheWay {
  readonly script: Fault[];
  readonly outcome?: string;
  readonly isDone: boolean;
}

const FAULTS = {
  none: { script: [], isDone: true },
  // Asked again within the call.
  throttledOnce: { script: [fail(400, 'ThrottlingException')], isDone: true },
  responseLost: { script: [loseResponse], isDone: true },
  unreadableOnce: { script: [notJson], isDone: true },
  // Unknown to the caller, be it done or not.
  unreadable: { script: [notJson, notJson, notJson], outcome: 'store_unavailable', isDone: true },
  conflict: {
    script: Array(3).fill(fail(400, 'TransactionConflictException')),
    outcome: 'store_unavailable',
    isDone: false,
  },
  denied: { script: [fail(400, 'AccessDeniedException')], outcome: 'internal_error', isDone: false },
} satisfies Record<string, OnTheWay>;

// ——— The real one: two environments of the built bundle, and a table ———

let table: LocalTable;
let environments: readonly [FaultyFunction, FaultyFunction];

beforeAll(async () => {
  table = await createTable();
  environments = [await startFaultyFunction(table), await startFaultyFunction(table)];
});

afterAll(async () => {
  for (const environment of environments) await environment.close();
  table.close();
});

/** What the service made of a logout. */
interface Observed {
  readonly outcome: string;
  readonly record?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the table was asked more than once: what an attempt wrote is a repeat to the next, in the log alone. */
  readonly wasAskedAgain: boolean;
}

async function ask(
  id: string,
  { identity, caller, ...fields }: Logout,
  { logOut }: FaultyFunction,
): Promise<Observed> {
  const body = { id, ...identity, ...fields, [MARKER]: MARKER };
  const token = caller === undefined ? {} : { jwt: caller === null ? {} : { sub: caller } };
  const { status, code, record, line } = await logOut({ ...markedRequest({}, token), body });
  const outcome = String(line.outcome);
  expect(status === 200 ? ['logged_out', 'repeated'] : [code]).toContain(outcome);
  return { outcome, record, wasAskedAgain: Number(line.store_attempts) > 1 };
}

function expectResponse(
  { outcome, record, wasAskedAgain }: Observed,
  expected: string,
  item: Item | undefined,
): void {
  const isRepeatOfItself = wasAskedAgain && expected === 'logged_out' && outcome === 'repeated';
  if (!isRepeatOfItself) expect(outcome).toBe(expected);
  const shown = createRecord(item);
  if (expected === 'logged_out' || expected === 'repeated') expect(record).toEqual(shown);
  if (expected === 'already_logged_out') {
    expect(record).toEqual({
      ...shown,
      success: false,
      message: expect.stringMatching(/at another time\.$/),
    });
  }
}

// ——— What happens to a connection ———

/** A connection, and its item as the model has it. */
interface Life {
  readonly id: string;
  item: Item | undefined;
}

/** The login service writes the connection. */
async function logIn(life: Life, changes: Item): Promise<void> {
  life.item = markedConnection({ id: life.id, ...changes });
  await table.put(life.item);
}

/** One terminal asks, and a fault may lie on the way. */
async function askOnce(
  life: Life,
  logout: Logout,
  fault: keyof typeof FAULTS,
  environment: FaultyFunction,
): Promise<void> {
  const { script, outcome, isDone }: OnTheWay = FAULTS[fault];
  environment.dynamodb.script(life.id, ...script);
  const observed = await ask(life.id, logout, environment);
  environment.dynamodb.script(life.id);
  const stored = await table.get(life.id);
  const [expected, item] = logOut(life.item, logout, String(stored?.date_logout));
  if (isDone) life.item = item;
  expectResponse(observed, outcome ?? expected, life.item);
  expect(stored).toEqual(life.item);
  if (expected === 'logged_out' && isDone && logout.date_logout === undefined) {
    expect(Math.abs(Date.parse(String(stored?.date_logout)) - Date.now())).toBeLessThan(60_000);
  }
}

/** Two terminals ask at once: one after the other, in one order or the other, explains what both got. */
async function askTwice(life: Life, logouts: readonly [Logout, Logout]): Promise<void> {
  const observed = await Promise.all([
    ask(life.id, logouts[0], environments[0]),
    ask(life.id, logouts[1], environments[1]),
  ]);
  const stored = await table.get(life.id);
  const explain = (first: 0 | 1, second: 0 | 1): void => {
    const [one, between] = logOut(life.item, logouts[first], String(stored?.date_logout));
    const [two, item] = logOut(between, logouts[second], String(stored?.date_logout));
    expectResponse(observed[first], one, between);
    expectResponse(observed[second], two, item);
    expect(stored).toEqual(item);
  };
  try {
    explain(0, 1);
  } catch {
    explain(1, 0);
  }
  life.item = stored;
}

const logouts: fc.Arbitrary<Logout> = fc.record(
  {
    identity: fc.record(
      {
        locator: fc.constantFrom('L-1', 'L-1', 'L-1', 'L-2'),
        terminal_id: fc.constantFrom('T-1', 'T-1', 'T-1', 'T-2'),
        terminal_type: fc.constant('handheld'),
        id_user: fc.constantFrom(MARKED_USER, MARKED_USER, MARKED_USER, randomUUID()),
      },
      { requiredKeys: [] },
    ),
    date_logout: fc.constantFrom(...Object.keys(INSTANTS)),
    message: fc.constantFrom(MARKER, `${MARKER}, again`),
    caller: fc.constantFrom(MARKED_USER, MARKED_USER, MARKED_USER, randomUUID(), null),
  },
  { requiredKeys: ['identity'] },
);
const faults = fc.constantFrom(
  ...(['none', 'none', 'none', 'none', 'unreadable', 'conflict', 'denied'] as const),
  ...(['throttledOnce', 'responseLost', 'unreadableOnce'] as const),
);
const asks = fc.record({ ask: logouts, fault: faults, where: fc.constantFrom(0, 1) });
const logins = fc.constantFrom<Item>(
  {},
  { date_logout: null },
  { date_logout: '' },
  { date_logout: '0001-01-01T00:00:00' },
);
const steps = fc.array(
  fc.oneof(fc.record({ logIn: logins }), asks, asks, fc.record({ askTwice: fc.tuple(logouts, logouts) })),
  { maxLength: 80, size: 'max' },
);

// Several at once, since most of the time goes into waits between attempts.
test.concurrent.for(Array.from({ length: 18 }, (_, index) => index + 1))(
  'whatever happens to a connection, the service responds and stores what the contract says (two lives, %i of 18)',
  () =>
    fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const connection: Life = { id: randomUUID(), item: undefined };
        for (const step of life) {
          if ('logIn' in step) await logIn(connection, step.logIn);
          else if ('askTwice' in step) await askTwice(connection, step.askTwice);
          else await askOnce(connection, step.ask, step.fault, environments[step.where]);
        }
      }),
      { numRuns: 2 },
    ),
);
