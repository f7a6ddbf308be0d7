import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_TYPES, FIELDS, type Field } from '../../../lambda/domain/connection.ts';
import { createDateTime } from '../../../lambda/domain/date-time.ts';
import type { LogoutRequest } from '../../../lambda/domain/logout.ts';
import { InvalidConnectionError } from '../../../lambda/http/errors.ts';
import { readLogout } from '../../../lambda/http/read-logout.ts';
import { form, ID, MADRID, NOW_MS, read } from './chain.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const NOW = createDateTime(NOW_MS, MADRID);

type Fields = { readonly [F in Field]?: unknown };

const readRequest = (fields: Fields): LogoutRequest => readLogout(fields, MADRID, NOW_MS);

/** What a request is refused for. */
function findErrors(fields: Fields): InvalidConnectionError['errors'] {
  try {
    readRequest(fields);
    return [];
  } catch (error) {
    if (error instanceof InvalidConnectionError) return error.errors;
    throw error;
  }
}

/** An error that refuses this field and no other. */
const refusing = (field: Field) => expect.objectContaining({ errors: [expect.objectContaining({ field })] });

/** The fields that a request is refused for, each with its reason. */
const findReasons = (fields: Fields): string[] =>
  findErrors(fields).map(({ field, reason }) => `${field}:${reason}`);

const listFields = (type: string): Field[] => FIELDS.filter((field) => FIELD_TYPES[field] === type);

test('a logout holds what is given: the id, the identity, the message, the date, and the clock of the server', () => {
  const body = {
    id: ID.toUpperCase(),
    locator: ' L-1 ',
    id_pos_sesion: '{F09B702C28324563973530CCD0140AD8}',
    terminal_id: 'T-1',
    success: false,
    message: 'bye',
    date_login: '2026-05-09T09:33:58.4752389+02:00',
    date_logout: '2026-05-09T17:00:00',
    terminal_type: 'handheld',
    id_user: '(e5e3985e-6b24-44eb-b604-a80fb32d4010)',
  };
  expect(readRequest(body)).toEqual({
    id: ID,
    identity: {
      locator: ' L-1 ',
      id_pos_sesion: 'f09b702c-2832-4563-9735-30ccd0140ad8',
      terminal_id: 'T-1',
      terminal_type: 'handheld',
      id_user: 'e5e3985e-6b24-44eb-b604-a80fb32d4010',
    },
    message: 'bye',
    dateLogout: expect.objectContaining({ text: '2026-05-09T17:00:00+02:00' }),
    receivedAt: NOW,
  });
});

test('success and date_login are checked, and are not part of the logout', () => {
  expect(readRequest({ id: ID, success: true, date_login: '2026-05-09' })).toEqual(readRequest({ id: ID }));
});

describe('a value that is not given', () => {
  const always = [undefined, null, '', ' \t\r\n\u00a0'];
  const notGiven: Record<string, unknown[]> = {
    guid: [...always, NIL, ` {${NIL.replaceAll('-', '')}} `],
    date: [...always, '0001-01-01T00:00:00', ' 0001-12-31 ', '/Date(-62135578800000-0500)/'],
    string: always,
    boolean: always,
  };
  const cases = FIELDS.flatMap((field) =>
    (notGiven[FIELD_TYPES[field]] ?? []).map((value) => [field, value] as const),
  );

  test.each(cases.filter(([field]) => field !== 'id'))('of %s may be %j', (field, value) => {
    expect(readRequest({ id: ID, [field]: value })).toEqual(readRequest({ id: ID }));
  });

  test.each(cases.filter(([field]) => field === 'id'))(
    'of %s, %j, is refused: it is required',
    (_, value) => {
      expect(findErrors({ id: value })).toEqual([
        { field: 'id', reason: 'required', message: 'id is required.' },
      ]);
    },
  );

  test.each(['0', 'false', NIL, '0001-01-01T00:00:00', 'null', '\0'])(
    'of another type is one that is given for a string: "%s"',
    (value) => {
      expect(readRequest({ id: ID, locator: value }).identity.locator).toBe(value);
    },
  );
});

describe('a boolean', () => {
  test.each([
    ...[true, false, 0, 1, -1, 2, 0.5, Number.POSITIVE_INFINITY],
    ...['true', 'FALSE', 'tRuE', ' true\t', '\nFalse '],
  ])('may be %j', (success) => {
    expect(findErrors({ id: ID, success })).toEqual([]);
  });

  test.each(['0', '1', '-1', 'yes', 'truefalse', 'falſe', [[]], {}])('may not be %j', (success) => {
    expect(findErrors({ id: ID, success })).toMatchObject([
      { field: 'success', message: 'success must be true or false.' },
    ]);
  });

  test.each(['1', '-1', '1e999'])('may be the number %s in JSON, not in a form', (success) => {
    expect(read({ body: `{"id":"${ID}","success":${success}}` })).toMatchObject({ id: ID });
    expect(() => read(form(`id=${ID}&success=${success}`))).toThrow(
      expect.objectContaining({ code: 'invalid_connection' }),
    );
  });
});

describe.each(listFields('string'))('a string, %s,', (field) => {
  const limit = field === 'message' ? 2048 : 256;
  const valueIn = ({ identity, message }: LogoutRequest) =>
    field === 'message' ? message : identity[field as 'locator'];

  test(`has at most ${limit} code points: an emoji is one`, () => {
    expect(findErrors({ id: ID, [field]: '😀'.repeat(limit) })).toEqual([]);
    expect(findErrors({ id: ID, [field]: '😀'.repeat(limit + 1) })).toEqual([
      {
        field,
        reason: 'too_long',
        message: `${field} must be a string or a number, of at most ${limit} characters.`,
      },
    ]);
  });

  test('keeps the whitespace around it, and counts it', () => {
    expect(valueIn(readRequest({ id: ID, [field]: '  x\t' }))).toBe('  x\t');
    expect(findReasons({ id: ID, [field]: `${' '.repeat(limit)}x` })).toEqual([`${field}:too_long`]);
  });

  test.each([true, false, {}, [[]], [['x']]])('may not be %j', (value) => {
    expect(findReasons({ id: ID, [field]: value })).toEqual([`${field}:type`]);
  });

  test('may be a JSON number of as many digits, which are taken as they are', () => {
    const digits = '9'.repeat(limit);
    expect(valueIn(read({ body: `{"id":"${ID}","${field}":${digits}}` }))).toBe(digits);
    expect(() => read({ body: `{"id":"${ID}","${field}":${digits}9}` })).toThrow(refusing(field));
  });
});

test('half a surrogate pair becomes U+FFFD, a whole one stays', () => {
  expect(readRequest({ id: ID, message: 'a\ud800b\udc00\ud83d\ude00' }).message).toBe('a\uFFFDb\uFFFD😀');
});

test.each(listFields('guid'))('%s may not be another text, nor a JSON number of 32 digits', (field) => {
  expect(findErrors({ id: ID, [field]: `{${ID}` })).toMatchObject([
    { field, message: `${field} must be a GUID, such as 9da91479-03ed-42f5-9827-e03302f1a8e7.` },
  ]);
  const body = `{"id":"${ID}","${field}":12345678901234567890123456789012}`;
  expect(() => read({ body })).toThrow(refusing(field));
});

describe.each(listFields('date'))('a date, %s,', (field) => {
  test.each(['yesterday', '2026-02-30', 0, 1778338800000, true, [[]], {}])('may not be %j', (value) => {
    expect(findErrors({ id: ID, [field]: value })).toMatchObject([
      {
        field,
        message: `${field} must be a date that exists, of the years 0002 to 9999, such as 2026-05-09T17:00:00+02:00.`,
      },
    ]);
  });

  test('may not lie in the year 0001 in UTC by the zone of the service', () => {
    const tokyo = { offsetAt: () => 9 * 3600 };
    expect(() => readLogout({ id: ID, [field]: '0002-01-01T08:59:59' }, tokyo, NOW_MS)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ field, reason: 'format' })] }),
    );
  });
});

describe('date_logout', () => {
  test('is held against the clock of the server as wall-clock time of the service where it has no offset', () => {
    expect(findErrors({ id: ID, date_logout: '2026-05-09T17:05:00' })).toEqual([]);
    expect(findReasons({ id: ID, date_logout: '2026-05-09T17:05:01' })).toEqual(['date_logout:future']);
  });

  test('that is earlier than date_login is the field that is refused', () => {
    const fields = { id: ID, date_login: '2026-05-09T12:00:01', date_logout: '2026-05-09T12:00:00' };
    expect(findReasons(fields)).toEqual(['date_logout:before_login']);
  });

  test.each([
    ['a date_login that was never set', '0001-01-01T00:00:00', '2026-05-09T12:00:00Z'],
    ['a date_login in the future, without a date_logout', '2099-01-01T00:00:00', undefined],
    ['a date_login in the future, with one that was never set', '2099-01-01', '0001-01-01T00:00:00'],
  ])('is not held against %s', (_case, date_login, date_logout) => {
    expect(findErrors({ id: ID, date_login, date_logout })).toEqual([]);
  });

  test('in an hour that occurs twice is the second where the first would lie before the date_login', () => {
    const fields = { id: ID, date_login: '2026-10-25T02:50:00', date_logout: '2026-10-25T02:10:00' };
    const { dateLogout } = readLogout(fields, MADRID, Date.UTC(2026, 9, 26));
    expect(dateLogout?.text).toBe('2026-10-25T02:10:00+01:00');
  });
});

describe('invalid_connection', () => {
  test.each([
    ['the clock', { date_logout: '2027-01-01' }],
    ['date_login', { date_logout: '2026-01-01', date_login: '2026-01-02' }],
    ['the clock and date_login', { date_logout: '2027-01-01', date_login: '9999-01-01' }],
    ['the zone', { date_logout: '9999-12-31T23:59:59-14:00' }],
  ])('names a date_logout that is wrong by %s once, in its place', (_by, dates) => {
    const fields = { id: 'nope', message: [], terminal_type: [], id_user: 5, ...dates };
    expect(findErrors(fields).map(({ field }) => field)).toEqual([
      'id',
      'message',
      'date_logout',
      'terminal_type',
      'id_user',
    ]);
  });

  test('comes with what the other fields say', () => {
    const wrong = { locator: 'x'.repeat(257), terminal_type: [], id_user: 'x', date_logout: '2026-05-10' };
    const fields = { id: ID, terminal_id: 'T-1', ...wrong };
    expect(() => readRequest(fields)).toThrow(
      expect.objectContaining({
        request: expect.objectContaining({
          id: ID,
          identity: { terminal_id: 'T-1' },
          dateLogout: expect.objectContaining({ text: '2026-05-10T00:00:00+02:00', hasOffset: false }),
        }),
      }),
    );
  });

  test("names exactly the fields that are wrong, one entry a field, in the record's order, and repeats no value", () => {
    const MARK = 'qXzJw';
    const values: Record<string, { right: unknown[]; wrong: unknown[] }> = {
      guid: { right: [ID, ` {${ID}}`], wrong: [MARK, 5.25, true, [MARK], { MARK }] },
      string: { right: [MARK, ' '], wrong: [MARK.repeat(500), true, [MARK], { MARK }] },
      boolean: { right: [true, -1, 'False', ''], wrong: [MARK, [MARK], { MARK }] },
      date: { right: ['2020-01-01', null], wrong: [MARK, '2020-02-30', 5.25, true, [MARK], { MARK }] },
    };
    const rightOrWrong = (field: Field) => {
      const { right = [], wrong: refused = [] } = values[FIELD_TYPES[field]] ?? {};
      return fc.oneof(
        fc.constantFrom(...right).map((sent) => ({ sent, isWrong: false })),
        fc.constantFrom(...refused).map((sent) => ({ sent, isWrong: true })),
      );
    };
    const fields = fc.record(Object.fromEntries(FIELDS.map((field) => [field, rightOrWrong(field)])));
    fc.assert(
      fc.property(fields, (chosen) => {
        const reversed = Object.entries(chosen).toReversed();
        const sent = Object.fromEntries(reversed.map(([field, { sent }]) => [field, sent]));
        const errors = findErrors(sent);
        expect(errors.map(({ field }) => field)).toEqual(FIELDS.filter((field) => chosen[field]?.isWrong));
        for (const { field, message } of errors) {
          expect(message).toMatch(new RegExp(`^${field} (must|is) .*\\.$`));
          expect(message).not.toMatch(/qXzJw|5\.25|02-30|\[|\{/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
