import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../lambda/domain/connection.ts';
import { type DateTime, dateTimeAt, parseDateTime } from '../../../lambda/domain/date-time.ts';
import {
  AlreadyLoggedOutError,
  ConnectionNotFoundError,
  StoreUnavailableError,
} from '../../../lambda/domain/errors.ts';
import { decide, type Logout, wrongDateLogout } from '../../../lambda/domain/logout.ts';
import { timeZone, UTC } from '../../../lambda/domain/time-zone.ts';

const ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';
const SESSION = 'f09b702c-2832-4563-9735-30ccd0140ad8';
const USER = 'e5e3985e-6b24-44eb-b604-a80fb32d4010';
const NOW = dateTimeAt(Date.UTC(2026, 4, 9, 15), UTC);

const STORED: Connection = {
  id: ID,
  locator: 'L-1',
  id_pos_sesion: SESSION,
  terminal_id: 'T-1',
  success: true,
  message: 'welcome',
  date_login: '2026-05-09T09:00:00+02:00',
  date_logout: '2026-05-09T17:00:00+02:00',
  terminal_type: 'handheld',
  id_user: USER,
};

const date = (text: string): DateTime => {
  const read = parseDateTime(text, UTC);
  if (read === undefined) throw new Error(`${text} is no date`);
  return read;
};

const logout = (parts: Partial<Logout> = {}): Logout => ({ id: ID, identity: {}, receivedAt: NOW, ...parts });

/** The condition failed on an item that is logged out already. */
const refused = (parts: Partial<Logout> = {}, connection: Connection = STORED, zone = UTC) =>
  decide({ written: false, connection, isLoggedIn: false }, logout(parts), zone);

/** What a refusal tells the log. */
const factsOf = (act: () => unknown): object => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConnectionNotFoundError) return error.facts;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('a date_logout ahead of the server', () => {
  const MINUTES = "date_logout must not be more than 5 minutes ahead of the server's clock.";

  test.each([
    ['5 minutes exactly is right', '2026-05-09T15:05:00Z', undefined],
    ['100 ns more is refused', '2026-05-09T15:05:00.0000001Z', MINUTES],
    ['an hour is refused', '2026-05-09T16:00:00Z', MINUTES],
    ['the instant counts, not the wall clock', '2026-05-09T17:05:00+02:00', undefined],
    ['nor a wall clock that is behind', '2026-05-09T12:00:00-05:00', MINUTES],
    ['now is right', '2026-05-09T15:00:00Z', undefined],
    ['a year ago is right: terminals that were offline report late', '2025-05-09T15:00:00Z', undefined],
    ['so is the year 0002', '0002-01-01T00:00:00Z', undefined],
  ])('%s', (_rule, text, sentence) => {
    expect(wrongDateLogout(date(text), undefined, NOW)).toBe(sentence);
  });
});

describe('a date_logout and a date_login', () => {
  const EARLIER = 'date_logout must not be earlier than date_login.';

  test.each([
    ['the same instant is right', '2026-05-09T14:00:00Z', '2026-05-09T16:00:00+02:00', undefined],
    ['100 ns earlier is refused', '2026-05-09T14:00:00Z', '2026-05-09T14:00:00.0000001Z', EARLIER],
    ['100 ns later is right', '2026-05-09T14:00:00.0000001Z', '2026-05-09T14:00:00Z', undefined],
    [
      'the instants count, not the wall clocks',
      '2026-05-09T09:00:00-05:00',
      '2026-05-09T14:30:00+02:00',
      undefined,
    ],
  ])('%s', (_rule, logoutText, loginText, sentence) => {
    expect(wrongDateLogout(date(logoutText), date(loginText), NOW)).toBe(sentence);
  });
});

describe('what a write came to', () => {
  test('written: logged_out, with the record as now stored', () => {
    expect(decide({ written: true, connection: STORED }, logout(), UTC)).toEqual({
      outcome: 'logged_out',
      connection: STORED,
    });
  });

  test('no item: connection_not_found, and the log says that there is none', () => {
    const facts = factsOf(() => decide({ written: false }, logout(), UTC));
    expect(facts).toEqual({ failed_condition: 'exists', item_exists: false });
  });

  test('an item that meets every condition: store_unavailable, never a success', () => {
    const act = () => decide({ written: false, connection: STORED, isLoggedIn: true }, logout(), UTC);
    expect(act).toThrow(StoreUnavailableError);
  });
});

describe('a connection that was already logged out', () => {
  test('is repeated where the request gives no date_logout: the stored record, unchanged', () => {
    expect(refused()).toEqual({ outcome: 'repeated', connection: STORED });
  });

  test.each([
    ['as stored', '2026-05-09T17:00:00+02:00'],
    ['with another offset', '2026-05-09T15:00:00Z'],
    ['with digits that are nought', '2026-05-09T15:00:00.0000000Z'],
    ['in ASP.NET form', '/Date(1778338800000)/'],
  ])('is repeated at the same instant %s', (_form, text) => {
    expect(refused({ dateLogout: date(text) })).toEqual({ outcome: 'repeated', connection: STORED });
  });

  test('is repeated whatever message the request gives, and keeps its own', () => {
    expect(refused({ message: 'another' }).connection.message).toBe('welcome');
  });

  test.each([
    ['a second later', '2026-05-09T15:00:01Z'],
    ['100 ns later', '2026-05-09T15:00:00.0000001Z'],
    ['100 ns earlier', '2026-05-09T14:59:59.9999999Z'],
    ['the same wall clock elsewhere', '2026-05-09T17:00:00Z'],
  ])('is already_logged_out at another instant: %s', (_case, text) => {
    expect(() => refused({ dateLogout: date(text) })).toThrow(AlreadyLoggedOutError);
  });

  test.each([
    ['a word', 'yesterday'],
    ['nothing', ''],
    ['no string', undefined],
    ['the date of a .NET client that never set it', '0001-01-01T00:00:00'],
  ])('is already_logged_out where the stored date_logout is no date: %s', (_case, text) => {
    const { date_logout: _, ...rest } = STORED;
    const connection = text === undefined ? rest : { ...rest, date_logout: text };
    expect(() => refused({ dateLogout: date('2026-05-09T15:00:00Z') }, connection)).toThrow(
      AlreadyLoggedOutError,
    );
  });

  test('takes a stored date without an offset for wall-clock time of the service', () => {
    const connection = { ...STORED, date_logout: '2026-05-09T17:00:00' };
    const dateLogout = date('2026-05-09T15:00:00Z');
    expect(refused({ dateLogout }, connection, timeZone('Europe/Madrid')).outcome).toBe('repeated');
    expect(() => refused({ dateLogout }, connection, UTC)).toThrow(AlreadyLoggedOutError);
  });

  test('is shown by already_logged_out as it is stored', () => {
    const act = () => refused({ dateLogout: date('2026-05-09T14:00:00Z') });
    expect(act).toThrow(expect.objectContaining({ code: 'already_logged_out', connection: STORED }));
  });
});

describe('whose connection it is', () => {
  const identity = {
    locator: 'L-1',
    id_pos_sesion: SESSION,
    terminal_id: 'T-1',
    terminal_type: 'handheld',
    id_user: USER,
  };

  test('matches where every identity field that is given equals the stored one', () => {
    expect(refused({ identity }).outcome).toBe('repeated');
  });

  test.each([
    ['locator', 'L-2'],
    ['id_pos_sesion', ID],
    ['terminal_id', 'T-2'],
    ['terminal_type', 'till'],
    ['id_user', ID],
  ] as const)('does not match where %s differs: connection_not_found', (field, value) => {
    const facts = factsOf(() => refused({ identity: { ...identity, [field]: value } }));
    expect(facts).toEqual({ failed_condition: field, item_exists: true });
  });

  test.each([['t-1'], ['T-1 '], [' T-1'], ['T\u20111']])(
    'compares strings exactly: "%s" is not "T-1"',
    (value) => {
      expect(factsOf(() => refused({ identity: { terminal_id: value } }))).toMatchObject({
        failed_condition: 'terminal_id',
      });
    },
  );

  test.each([['locator'], ['id_pos_sesion'], ['terminal_id'], ['terminal_type'], ['id_user']] as const)(
    'does not match where %s is given and not stored',
    (field) => {
      const { [field]: _, ...connection } = STORED;
      const facts = factsOf(() => refused({ identity: { [field]: identity[field] } }, connection));
      expect(facts).toEqual({ failed_condition: field, item_exists: true });
    },
  );

  test('is asked before whether it was logged out: somebody else learns nothing of another instant', () => {
    const other = { identity: { terminal_id: 'T-2' }, dateLogout: date('2026-05-09T14:00:00Z') };
    expect(() => refused(other)).toThrow(ConnectionNotFoundError);
  });

  test('the log names every condition that failed', () => {
    const wrong = { locator: 'L-2', id_user: ID };
    expect(factsOf(() => refused({ identity: wrong, caller: { subject: ID } }))).toEqual({
      failed_condition: 'locator, id_user, caller',
      item_exists: true,
    });
  });

  test("matches the token's subject where callers are authenticated by token", () => {
    expect(refused({ caller: { subject: USER } }).outcome).toBe('repeated');
  });

  test.each([
    ['another subject', { caller: { subject: ID } }, STORED],
    ['no subject', { caller: {} }, STORED],
    [
      'no subject, on an item without a user',
      { caller: {} },
      { id: ID, date_logout: '2026-05-09T17:00:00+02:00' },
    ],
    ['a subject, on an item without a user', { caller: { subject: USER } }, { id: ID }],
    ['another subject, although the right id_user is given', { identity, caller: { subject: ID } }, STORED],
  ])("does not match the token's subject: %s", (_case, parts, connection) => {
    expect(factsOf(() => refused(parts, connection))).toEqual({
      failed_condition: 'caller',
      item_exists: true,
    });
  });

  test('has one and the same error for the caller, whatever failed', () => {
    const message = 'There is no such connection.';
    expect(() => decide({ written: false }, logout(), UTC)).toThrow(message);
    expect(() => refused({ identity: { locator: 'L-2' } })).toThrow(message);
    expect(() => refused({ caller: {} })).toThrow(message);
  });
});
