import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../lambda/domain/connection.ts';
import { createDateTime, type DateTime, parseDateTime } from '../../../lambda/domain/date-time.ts';
import {
  AlreadyLoggedOutError,
  ConnectionNotFoundError,
  StoreUnavailableError,
} from '../../../lambda/domain/errors.ts';
import { type Logout, resolveOutcome, validateDateLogout } from '../../../lambda/domain/logout.ts';
import { findTimeZone, UTC } from '../../../lambda/domain/time-zone.ts';

const ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';
const SESSION = 'f09b702c-2832-4563-9735-30ccd0140ad8';
const USER = 'e5e3985e-6b24-44eb-b604-a80fb32d4010';
const NOW = createDateTime(Date.UTC(2026, 4, 9, 15), UTC);

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
  if (read === undefined) throw new Error(`${text} is not a date`);
  return read;
};

const logout = (parts: Partial<Logout> = {}): Logout => ({
  id: ID,
  identity: {},
  receivedAt: NOW,
  caller: {},
  ...parts,
});

/** The condition failed on an item that is logged out already. */
const refused = (parts: Partial<Logout> = {}, connection: Connection = STORED, zone = UTC) =>
  resolveOutcome({ written: false, connection, isLoggedIn: false, attempts: 1 }, logout(parts), zone);

/** The conditions that a refused logout did not meet. */
const failedBy = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConnectionNotFoundError) return error.failedConditions;
    throw error;
  }
  throw new Error('It was not refused.');
};

const AHEAD = {
  reason: 'future',
  message: "date_logout must not be more than 5 minutes ahead of the server's clock.",
};
const EARLIER = { reason: 'before_login', message: 'date_logout must not be earlier than date_login.' };

test.each([
  ['5 minutes ahead of the server is right', '2026-05-09T15:05:00Z', undefined, undefined],
  ['100 ns more ahead of it is refused', '2026-05-09T15:05:00.0000001Z', undefined, AHEAD],
  ['whose wall clock alone is ahead is right', '2026-05-09T17:05:00+02:00', undefined, undefined],
  ['whose wall clock alone is not ahead is refused', '2026-05-09T12:00:00-05:00', undefined, AHEAD],
  ['of a year ago is right', '2025-05-09T15:00:00Z', undefined, undefined],
  [
    'at the instant of the date_login is right',
    '2026-05-09T14:00:00Z',
    '2026-05-09T16:00:00+02:00',
    undefined,
  ],
  ['100 ns before it is refused', '2026-05-09T14:00:00Z', '2026-05-09T14:00:00.0000001Z', EARLIER],
  ['100 ns after it is right', '2026-05-09T14:00:00.0000001Z', '2026-05-09T14:00:00Z', undefined],
])('a date_logout %s', (_rule, text, login, problem) => {
  expect(validateDateLogout(date(text), login === undefined ? login : date(login), NOW)).toEqual(problem);
});

describe('the result of a write', () => {
  test('that was written is logged_out, with the record as now stored', () => {
    expect(resolveOutcome({ written: true, connection: STORED, attempts: 1 }, logout(), UTC)).toEqual({
      outcome: 'logged_out',
      connection: STORED,
    });
  });

  test('without an item is connection_not_found, for the reason that none exists', () => {
    const act = () => resolveOutcome({ written: false, attempts: 1 }, logout(), UTC);
    expect(act).toThrow(expect.objectContaining({ failedConditions: ['exists'], stored: undefined }));
  });

  test('that failed on an item that meets every condition is store_unavailable, never a success', () => {
    const act = () =>
      resolveOutcome({ written: false, connection: STORED, isLoggedIn: true, attempts: 2 }, logout(), UTC);
    expect(act).toThrow(StoreUnavailableError);
    expect(act).toThrow(
      expect.objectContaining({
        attempts: 2,
        cause: expect.objectContaining({
          name: 'ContradictoryResponseError',
          message: 'The condition failed on an item that meets it.',
        }),
      }),
    );
  });
});

describe('a connection that was already logged out', () => {
  test.each<[string, Partial<Logout>]>([
    ['the request gives no date_logout', {}],
    ['it gives the instant as stored', { dateLogout: date('2026-05-09T17:00:00+02:00') }],
    ['it gives the instant with another offset', { dateLogout: date('2026-05-09T15:00:00Z') }],
    ['it gives another message', { message: 'another' }],
  ])('is repeated where %s: the stored record, unchanged', (_case, parts) => {
    expect(refused(parts)).toEqual({ outcome: 'repeated', connection: STORED });
  });

  test.each([
    ['100 ns later', '2026-05-09T15:00:00.0000001Z'],
    ['100 ns earlier', '2026-05-09T14:59:59.9999999Z'],
    ['the same wall clock elsewhere', '2026-05-09T17:00:00Z'],
  ])('is already_logged_out at another instant, with the record as it is stored: %s', (_case, text) => {
    expect(() => refused({ dateLogout: date(text) })).toThrow(
      expect.objectContaining({ code: 'already_logged_out', connection: STORED }),
    );
  });

  test.each([
    ['a word', 'yesterday'],
    ['of another type', undefined],
  ])('is already_logged_out where the stored date_logout is not a date: %s', (_case, text) => {
    const { date_logout: _, ...rest } = STORED;
    const connection = text === undefined ? rest : { ...rest, date_logout: text };
    expect(() => refused({ dateLogout: date('2026-05-09T15:00:00Z') }, connection)).toThrow(
      AlreadyLoggedOutError,
    );
  });

  test('takes a stored date without an offset for wall-clock time of the service', () => {
    const connection = { ...STORED, date_logout: '2026-05-09T17:00:00' };
    const dateLogout = date('2026-05-09T15:00:00Z');
    expect(refused({ dateLogout }, connection, findTimeZone('Europe/Madrid')).outcome).toBe('repeated');
    expect(() => refused({ dateLogout }, connection, UTC)).toThrow(AlreadyLoggedOutError);
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

  test.each([
    ['locator', 'L-2'],
    ['id_pos_sesion', ID],
    ['terminal_id', 'T-2'],
    ['terminal_type', 'till'],
    ['id_user', ID],
  ] as const)('does not match where %s differs: connection_not_found', (field, value) => {
    const act = () => refused({ identity: { ...identity, [field]: value } });
    expect(act).toThrow(expect.objectContaining({ failedConditions: [field], stored: STORED }));
  });

  test.each([['t-1'], ['T-1 '], [' T-1'], ['T\u20111']])(
    'compares strings exactly: "%s" is not "T-1"',
    (value) => {
      expect(failedBy(() => refused({ identity: { terminal_id: value } }))).toEqual(['terminal_id']);
    },
  );

  test('is asked before whether it was logged out: another caller learns nothing of its instant', () => {
    const other = { identity: { terminal_id: 'T-2' }, dateLogout: date('2026-05-09T14:00:00Z') };
    expect(() => refused(other)).toThrow(ConnectionNotFoundError);
  });

  test('does not match where several fields differ, and names each of them', () => {
    const other = { identity: { locator: 'L-2', id_user: ID }, caller: { id_user: ID, terminal_id: 'T-2' } };
    expect(failedBy(() => refused(other))).toEqual(['locator', 'id_user', 'caller', 'certificate']);
  });

  test.each<[string, Partial<Logout>]>([
    ['every identity field that is given equals the stored one', { identity }],
    ['the subject of the token equals the stored id_user', { caller: { id_user: USER } }],
    ['the common name of the certificate equals the stored terminal_id', { caller: { terminal_id: 'T-1' } }],
  ])('matches where %s', (_case, parts) => {
    expect(refused(parts).outcome).toBe('repeated');
  });

  test.each([
    ['the subject is another', 'caller', { id_user: ID }],
    ['a token is required and has no subject', 'caller', { id_user: null }],
    ['the common name is another', 'certificate', { terminal_id: 'T-2' }],
    ['a certificate is required and there is none', 'certificate', { terminal_id: null }],
  ])('does not match where %s', (_case, condition, caller) => {
    expect(failedBy(() => refused({ caller }))).toEqual([condition]);
    expect(failedBy(() => refused({ caller }, { id: ID }))).toEqual([condition]);
  });
});
