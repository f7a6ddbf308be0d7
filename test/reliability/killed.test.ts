import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRecord } from '../support/api-document.ts';
import { markedConnection, markedRequest } from '../support/connections.ts';
import type { Fault } from '../support/faulty-dynamodb.ts';
import { type FaultyFunction, startFaultyFunction } from '../support/function.ts';
import type { LocalTable } from '../support/table.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
/** The environment that the repeats reach. */
let other: FaultyFunction;

beforeAll(async () => {
  table = await createTable();
  other = await startFaultyFunction(table);
});

afterAll(async () => {
  await other.close();
  table.close();
});

/** Loaded into the function's process in front of the bundle: it dies instead of logging, its last act but the response. */
const DIE_BEFORE_THE_RESPONSE = `data:text/javascript,${encodeURIComponent(`
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text, ...rest) =>
    text.includes('"outcome"') ? process.kill(process.pid, 'SIGKILL') : write(text, ...rest);
`)}`;

/** Where an environment dies: by the table's hand, or by its own. */
interface Death {
  readonly fault?: (service: FaultyFunction) => Fault;
  readonly variables?: Readonly<Record<string, string>>;
  readonly isWritten: boolean;
}

const DEATHS: Readonly<Record<string, Death>> = {
  'before the write': {
    fault:
      ({ lambda }) =>
      () =>
        lambda.close(),
    isWritten: false,
  },
  'after the write': {
    fault:
      ({ lambda }) =>
      async ({ forward }) => {
        await forward();
        await lambda.close();
      },
    isWritten: true,
  },
  'before the response': {
    variables: { NODE_OPTIONS: `--import=${DIE_BEFORE_THE_RESPONSE}` },
    isWritten: true,
  },
};

test.concurrent.for(Object.entries(DEATHS))(
  'where an environment dies %s, the repeat in another settles the logout',
  async ([, { fault, variables, isWritten }]) => {
    const item = markedConnection();
    await table.put(item);
    const request = markedRequest({ id: item.id, terminal_id: item.terminal_id });

    const dying = await startFaultyFunction(table, variables);
    if (fault !== undefined) dying.dynamodb.script(item.id, fault(dying));
    await expect(dying.logOut(request)).rejects.toThrow('ended with SIGKILL');
    await dying.close();
    const left = await table.get(item.id);
    expect(left).toEqual(isWritten ? { ...item, date_logout: expect.any(String), success: true } : item);

    const repeat = await other.logOut(request);
    const stored = await table.get(item.id);
    expect(repeat).toMatchObject({ status: 200, line: { outcome: isWritten ? 'repeated' : 'logged_out' } });
    expect(repeat.record).toEqual(createRecord(stored));
    expect(stored).toMatchObject({ success: true });
    if (isWritten) expect(stored).toEqual(left);
  },
);
