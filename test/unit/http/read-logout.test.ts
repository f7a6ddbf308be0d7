import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_TYPES, FIELDS, type Field } from '../../../lambda/domain/connection.ts';
import { dateTimeAt } from '../../../lambda/domain/date-time.ts';
import type { Logout } from '../../../lambda/domain/logout.ts';
import { InvalidConnectionError } from '../../../lambda/http/errors.ts';
import { readLogout } from '../../../lambda/http/read-logout.ts';
import { putEvent } from '../../support/events.ts';
import { form, ID, MADRID, NOW_MS, read, readEvent } from './chain.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const NOW = dateTimeAt(NOW_MS, MADRID);

type Fields = { readonly [F in Field]?: unknown };

const logoutOf = (fields: Fields): Logout => readLogout(fields, MADRID, NOW_MS, {});

/** The fields that a request is refused for, each with its sentence. */
function errorsOf(fields: Fields): readonly { field: Field; message: string }[] {
  try {
    logoutOf(fields);
    return [];
  } catch (error) {
    if (error instanceof InvalidConnectionError)
      return error.errors.map(({ field, message }) => ({ field, message }));
    throw error;
  }
}

const wrongOf = (fields: Fields): Field[] => errorsOf(fields).map(({ field }) => field);

const ofType = (type: string): Field[] => FIELDS.filter((field) => FIELD_TYPES[field] === type);

describe('given means: present, not null, not whitespace only, and not what a .NET client sends for what it never set', () => {
  const always: [string, unknown][] = [
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
    ['whitespace', ' \t\r\n\u00a0'],
  ];
  const notGiven: Record<string, [string, unknown][]> = {
    guid: [
      ...always,
      ['the nil GUID', NIL],
      ['the nil GUID in another form', `{${NIL.replaceAll('-', '')}}`],
      ['the nil GUID with whitespace', ` ${NIL} `],
    ],
    date: [
      ...always,
      ['the first of .NET', '0001-01-01T00:00:00'],
      ['the first of .NET, in a form', '0001-01-01T00:00:00.0000000'],
      ['the first of .NET, with an offset', '0001-01-01T00:00:00+01:00'],
      ['any of the year 0001', '0001-12-31'],
      ['with whitespace', ' 0001-01-01T00:00:00Z '],
      ['the first of ASP.NET', '/Date(-62135596800000)/'],
      ['the first of ASP.NET, from New York', '/Date(-62135578800000-0500)/'],
    ],
    string: always,
    boolean: always,
  };
  const cases = FIELDS.flatMap((field) =>
    (notGiven[FIELD_TYPES[field]] ?? []).map(([what, value]) => [field, what, value] as const),
  );

  test.each(cases.filter(([field]) => field !== 'id'))(
    '%s is not given where it is %s',
    (field, _what, value) => {
      expect(logoutOf({ id: ID, [field]: value })).toEqual({
        id: ID,
        identity: {},
        receivedAt: NOW,
        caller: {},
      });
    },
  );

  test.each(cases.filter(([field]) => field === 'id'))(
    '%s is required: it is wrong where it is %s',
    (_field, _what, value) => {
      expect(errorsOf({ id: value })).toEqual([{ field: 'id', message: 'id is required.' }]);
    },
  );

  test.each(ofType('string').map((field) => [field] as const))(
    "%s is given where it looks like another type's unset value",
    (field) => {
      const value = (text: string) => {
        const { identity, message } = logoutOf({ id: ID, [field]: text });
        return field === 'message' ? message : identity[field as 'locator'];
      };
      for (const text of ['0', 'false', NIL, '0001-01-01T00:00:00', 'null', '\0'])
        expect(value(text)).toBe(text);
    },
  );
});

describe('a logout', () => {
  test('holds what is given: the id, the identity, the message, the date, and the clock of the server', async () => {
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
    expect(logoutOf(body)).toEqual({
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
      dateHasOffset: false,
      receivedAt: NOW,
      caller: {},
    });
  });

  test('never holds success or date_login: they are checked, then ignored', () => {
    for (const success of [true, false, 0, 1, 'true', ' FALSE ']) {
      expect(logoutOf({ id: ID, success, date_login: '2026-05-09' })).toEqual(logoutOf({ id: ID }));
    }
  });

  test("is stamped with the gateway's clock, in the zone of the service", async () => {
    expect((await read({ body: { id: ID } })).receivedAt).toEqual(NOW);
  });

  test('says whether its date came with an offset', async () => {
    const hasOffset = async (date_logout: string) =>
      (await read({ body: { id: ID, date_logout } })).dateHasOffset;
    expect(await hasOffset('2026-05-09T12:00:00')).toBe(false);
    expect(await hasOffset('2026-05-09T12:00:00Z')).toBe(true);
    expect(await hasOffset('/Date(1778338800000)/')).toBe(true);
    expect((await read({ body: { id: ID } })).dateHasOffset).toBeUndefined();
  });
});

describe('a boolean', () => {
  test.each([
    [true],
    [false],
    [0],
    [1],
    ['true'],
    ['false'],
    ['True'],
    ['FALSE'],
    ['tRuE'],
    [' true\t'],
    ['\nFalse '],
  ])('may be %j', (success) => {
    expect(wrongOf({ id: ID, success })).toEqual([]);
  });

  test.each([
    [2],
    [-1],
    [0.5],
    ['0'],
    ['1'],
    ['yes'],
    ['on'],
    ['truefalse'],
    ['t'],
    ['falſe'],
    [[]],
    [{}],
    [[true]],
  ])('may not be %j', (success) => {
    expect(errorsOf({ id: ID, success })).toEqual([
      { field: 'success', message: 'success must be true or false.' },
    ]);
  });

  test('may be the numbers 0 and 1 in JSON, not in a form', async () => {
    await expect(read({ body: `{"id":"${ID}","success":1}` })).resolves.toMatchObject({ id: ID });
    await expect(read({ body: `{"id":"${ID}","success":0}` })).resolves.toMatchObject({ id: ID });
    await expect(read(form(`id=${ID}&success=1`))).rejects.toMatchObject({ code: 'invalid_connection' });
    await expect(read(form(`id=${ID}&success=False`))).resolves.toMatchObject({ id: ID });
  });
});

describe.each(ofType('string'))('a string, %s,', (field) => {
  const limit = field === 'message' ? 2048 : 256;
  const valueIn = ({ identity, message }: Logout) =>
    field === 'message' ? message : identity[field as 'locator'];

  test(`has at most ${limit} characters`, () => {
    expect(valueIn(logoutOf({ id: ID, [field]: 'x'.repeat(limit) }))).toHaveLength(limit);
    expect(errorsOf({ id: ID, [field]: 'x'.repeat(limit + 1) })).toEqual([
      { field, message: `${field} must be a string or a number, of at most ${limit} characters.` },
    ]);
  });

  test('is measured in code points: an emoji is one', () => {
    expect(wrongOf({ id: ID, [field]: '😀'.repeat(limit) })).toEqual([]);
    expect(wrongOf({ id: ID, [field]: '😀'.repeat(limit + 1) })).toEqual([field]);
  });

  test('keeps the whitespace around it, and counts them', () => {
    expect(valueIn(logoutOf({ id: ID, [field]: '  x\t' }))).toBe('  x\t');
    expect(wrongOf({ id: ID, [field]: `${' '.repeat(limit)}x` })).toEqual([field]);
  });

  test.each([[true], [false], [{}], [[]], [['x']]])('may not be %j', (value) => {
    expect(wrongOf({ id: ID, [field]: value })).toEqual([field]);
  });

  test('may be a JSON number, which is taken digit for digit', async () => {
    for (const digits of ['123456789012345678901234567890', '-0', '1.50', '1E400', '9'.repeat(limit)]) {
      expect(valueIn(await read({ body: `{"id":"${ID}","${field}":${digits}}` }))).toBe(digits);
    }
    const tooLong = read({ body: `{"id":"${ID}","${field}":${'9'.repeat(limit + 1)}}` });
    await expect(tooLong).rejects.toMatchObject({ errors: [{ field }] });
  });

  test('has U+FFFD for half a surrogate pair', async () => {
    const body = `{"id":"${ID}","${field}":"a\\ud800b\\udc00\\ud83d\\ude00"}`;
    expect(valueIn(await read({ body }))).toBe('a\uFFFDb\uFFFD😀');
  });

  test('keeps any other character', async () => {
    const value = `"'\\/\0\u0001\n\u007f\u2028\uFEFFñ€😀<script>{}`;
    expect(valueIn(await read({ body: { id: ID, [field]: value } }))).toBe(value);
    expect(valueIn(await read(form(`id=${ID}&${field}=${encodeURIComponent(value)}`)))).toBe(value);
  });
});

describe.each(ofType('guid'))('a GUID, %s,', (field) => {
  test.each([['nope'], [ID.slice(1)], [`{${ID}`], [`urn:uuid:${ID}`], [0], [1], [true], [[]], [{}], [[ID]]])(
    'may not be %j',
    (value) => {
      expect(errorsOf({ id: ID, [field]: value })).toEqual([
        { field, message: `${field} must be a GUID, such as 9da91479-03ed-42f5-9827-e03302f1a8e7.` },
      ]);
    },
  );

  test('may not be a JSON number, although it has 32 digits', async () => {
    const body = `{"id":"${ID}","${field}":12345678901234567890123456789012}`;
    await expect(read({ body })).rejects.toMatchObject({ errors: [{ field }] });
  });
});

describe.each(ofType('date'))('a date, %s,', (field) => {
  test.each([
    ['yesterday'],
    ['2026-02-30'],
    ['05/09/2026'],
    ['2026-05-09T24:00'],
    [0],
    [1778338800000],
    [true],
    [[]],
    [{}],
  ])('may not be %j, whether or not it is needed', (value) => {
    expect(errorsOf({ id: ID, [field]: value })).toEqual([
      {
        field,
        message: `${field} must be a date that exists, of the years 0002 to 9999, such as 2026-05-09T17:00:00+02:00.`,
      },
    ]);
  });

  test('may be in ASP.NET form, as .NET writes it', async () => {
    await expect(
      read({ body: `{"id":"${ID}","${field}":"\\/Date(1600000000000+0200)\\/"}` }),
    ).resolves.toMatchObject({
      id: ID,
    });
  });

  test('that leaves the years in UTC by the zone of the service is wrong too', () => {
    const tokyo = { offsetAt: () => 9 * 3600 };
    expect(() => readLogout({ id: ID, [field]: '0002-01-01T08:59:59' }, tokyo, NOW_MS, {})).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ field })] }),
    );
  });
});

describe('date_logout', () => {
  const AHEAD = [
    {
      field: 'date_logout',
      message: "date_logout must not be more than 5 minutes ahead of the server's clock.",
    },
  ];
  const EARLIER = [{ field: 'date_logout', message: 'date_logout must not be earlier than date_login.' }];

  test('may be 5 minutes ahead of the server, and 100 ns more is refused', () => {
    expect(errorsOf({ id: ID, date_logout: '2026-05-09T15:05:00Z' })).toEqual([]);
    expect(errorsOf({ id: ID, date_logout: '2026-05-09T15:05:00.0000001Z' })).toEqual(AHEAD);
  });

  test('is held against the server as wall-clock time of the service where it has no offset', () => {
    expect(errorsOf({ id: ID, date_logout: '2026-05-09T17:05:00' })).toEqual([]);
    expect(errorsOf({ id: ID, date_logout: '2026-05-09T17:05:01' })).toEqual(AHEAD);
  });

  test('may not be earlier than date_login: the error names date_logout', () => {
    expect(
      errorsOf({ id: ID, date_login: '2026-05-09T12:00:00Z', date_logout: '2026-05-09T12:00:00Z' }),
    ).toEqual([]);
    expect(
      errorsOf({ id: ID, date_login: '2026-05-09T12:00:00.0000001Z', date_logout: '2026-05-09T12:00:00Z' }),
    ).toEqual(EARLIER);
  });

  test('is not held against a date_login that was never set, nor date_login against the server', () => {
    expect(
      errorsOf({ id: ID, date_login: '0001-01-01T00:00:00', date_logout: '2026-05-09T12:00:00Z' }),
    ).toEqual([]);
    expect(errorsOf({ id: ID, date_login: '2099-01-01T00:00:00' })).toEqual([]);
    expect(
      errorsOf({ id: ID, date_login: '2099-01-01T00:00:00', date_logout: '0001-01-01T00:00:00' }),
    ).toEqual([]);
  });

  test('is named once, although it is wrong in two ways', () => {
    const fields = { id: ID, date_login: '9999-01-01', date_logout: '2027-01-01' };
    expect(wrongOf(fields)).toEqual(['date_logout']);
  });
});

describe('a date_logout in an hour that occurs twice', () => {
  const dateOf = (fields: Fields) => readLogout(fields, MADRID, Date.UTC(2026, 9, 26), {}).dateLogout?.text;

  test.each([
    ['the first without a date_login', undefined, '2026-10-25T02:10:00+02:00'],
    ['the first after a date_login before it', '2026-10-25T01:50:00', '2026-10-25T02:10:00+02:00'],
    ['the first at the same instant as the date_login', '2026-10-25T02:10:00', '2026-10-25T02:10:00+02:00'],
    [
      'the second where the first would lie before the date_login',
      '2026-10-25T02:50:00',
      '2026-10-25T02:10:00+01:00',
    ],
    ['the second at the instant of the date_login', '2026-10-25T01:10:00Z', '2026-10-25T02:10:00+01:00'],
  ])('is %s', (_rule, date_login, expected) => {
    expect(dateOf({ id: ID, date_login, date_logout: '2026-10-25T02:10:00' })).toBe(expected);
  });

  test('is refused where both lie before the date_login', () => {
    const fields = { id: ID, date_login: '2026-10-25T01:10:00.0000001Z', date_logout: '2026-10-25T02:10:00' };
    expect(() => dateOf(fields)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ reason: 'before_login' })] }),
    );
  });
});

describe('the reasons of invalid_connection', () => {
  test.each([
    ['id:required', {}],
    ['id:format', { id: 'nope' }],
    ['id:type', { id: 5 }],
    ['success:format', { id: ID, success: 'yes' }],
    ['locator:type', { id: ID, locator: [] }],
    ['locator:too_long', { id: ID, locator: 'x'.repeat(257) }],
    ['date_logout:format', { id: ID, date_logout: 'yesterday' }],
    ['date_logout:format', { id: ID, date_logout: '9999-12-31T23:59:59-14:00' }],
    ['date_logout:future', { id: ID, date_logout: '2026-05-10' }],
    ['date_logout:before_login', { id: ID, date_logout: '2026-05-01', date_login: '2026-05-02' }],
  ])('name %s', (expected, fields: Fields) => {
    try {
      logoutOf(fields);
      expect.unreachable();
    } catch (error) {
      const { errors } = error as InvalidConnectionError;
      expect(errors.map(({ field, reason }) => `${field}:${reason}`)).toEqual([expected]);
    }
  });

  test('come with what the other fields say', () => {
    const fields = { id: ID, terminal_id: 'T-1', terminal_type: [], date_logout: '2026-05-10' };
    expect(() => logoutOf(fields)).toThrow(
      expect.objectContaining({
        logout: expect.objectContaining({
          id: ID,
          identity: { terminal_id: 'T-1' },
          dateLogout: expect.objectContaining({ text: '2026-05-10T00:00:00+02:00' }),
          dateHasOffset: false,
        }),
      }),
    );
  });
});

describe('invalid_connection', () => {
  const wrong: Record<string, unknown> = { guid: 'nope', string: [], boolean: 'yes', date: 'yesterday' };

  test("names every field that is wrong, in the record's order", () => {
    const fields = Object.fromEntries(FIELDS.toReversed().map((field) => [field, wrong[FIELD_TYPES[field]]]));
    expect(wrongOf(fields)).toEqual(FIELDS);
  });

  test('keeps that order for a date that is wrong only by the clock, by date_login or by the zone', () => {
    const wrongAround = { id: 'nope', message: [], terminal_type: [], id_user: 'nope' };
    const order = ['id', 'message', 'date_logout', 'terminal_type', 'id_user'];
    expect(wrongOf({ ...wrongAround, date_logout: '2027-01-01' })).toEqual(order);
    expect(wrongOf({ ...wrongAround, date_logout: '2026-01-01', date_login: '2026-01-02' })).toEqual(order);
    expect(wrongOf({ ...wrongAround, date_logout: '9999-12-31T23:59:59-14:00' })).toEqual(order);
  });

  test('names every field that is wrong in a form too', async () => {
    const body = `id_user=x&terminal_type=${'x'.repeat(257)}&DATE_LOGOUT=x&date_login=x&success=x&Message=${'x'.repeat(2049)}&id_pos_sesion=x`;
    await expect(read(form(body))).rejects.toMatchObject({
      errors: [
        'id',
        'id_pos_sesion',
        'success',
        'message',
        'date_login',
        'date_logout',
        'terminal_type',
        'id_user',
      ].map((field) => ({ field })),
    });
  });

  test('names exactly the fields that are wrong, one entry a field, and repeats no value', () => {
    const MARK = 'qXzJw';
    const values: Record<string, { right: unknown[]; wrong: unknown[] }> = {
      guid: { right: [ID, ` {${ID}}`], wrong: [MARK, 5.25, true, [MARK], { MARK }] },
      string: { right: [MARK, ' '], wrong: [MARK.repeat(500), true, [MARK], { MARK }] },
      boolean: { right: [true, 0, 'False', ''], wrong: [MARK, 5.25, [MARK], { MARK }] },
      date: { right: ['2020-01-01', null], wrong: [MARK, '2020-02-30', 5.25, true, [MARK], { MARK }] },
    };
    const fields = fc.record(
      Object.fromEntries(
        FIELDS.map((field) => {
          const { right, wrong: refused } = values[FIELD_TYPES[field]] ?? { right: [], wrong: [] };
          const value = fc.oneof(
            fc.constantFrom(...right).map((sent) => ({ sent, isWrong: false })),
            fc.constantFrom(...refused).map((sent) => ({ sent, isWrong: true })),
          );
          return [field, value];
        }),
      ),
    );
    fc.assert(
      fc.property(fields, (chosen) => {
        const sent = Object.fromEntries(Object.entries(chosen).map(([field, { sent }]) => [field, sent]));
        const errors = errorsOf(sent);
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

test('whatever JSON or form it is, a request is a logout or names its wrong fields: never a defect', async () => {
  const names = fc.constantFrom<string>(...FIELDS, 'toString', '__proto__');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, fc.jsonValue()), fc.boolean(), async (values, isForm) => {
      const pairs = Object.entries({ id: ID, ...values }).map(([name, value]): [string, string] => [
        name,
        `${JSON.stringify(value)}`,
      ]);
      const body = isForm ? new URLSearchParams(pairs).toString() : { id: ID, ...values };
      const result = await read(isForm ? form(body as string) : { body }).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(InvalidConnectionError);
      else
        expect(result).toMatchObject({
          id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        });
    }),
    { numRuns: 500 },
  );
});

describe('the order of checks', () => {
  const wrongFields = { id: 'nope' };

  test.each([
    ['the size first', { contentType: 'application/xml', body: 'x'.repeat(65_537) }, 'body_too_large'],
    ['then emptiness', { contentType: 'application/xml', body: ' \0' }, 'invalid_connection'],
    ['then the media type', { contentType: 'application/xml', body: '{"id":' }, 'unsupported_media_type'],
    ['then the body', { body: '{"id":"nope"' }, 'malformed_body'],
    ['then the fields', { body: wrongFields }, 'invalid_connection'],
    ['then the fields, whoever calls', { body: wrongFields, jwt: {} }, 'invalid_connection'],
  ])('is %s', async (_rule, request, code) => {
    await expect(read(request)).rejects.toMatchObject({ code });
  });
});

describe('the caller', () => {
  test('has proved nothing where callers are authenticated neither by token nor by certificate', async () => {
    expect((await read({ body: { id: ID } })).caller).toEqual({});
  });

  test("has proved the token's subject, taken as a GUID", async () => {
    const { caller } = await read({ body: { id: ID }, jwt: { sub: `{${ID.toUpperCase()}}` } });
    expect(caller).toEqual({ id_user: ID });
  });

  test('cannot be given by the body', async () => {
    const body = { id: ID, caller: { id_user: ID }, identity: { id_user: ID }, receivedAt: 0, dateLogout: 0 };
    expect(await read({ body })).toEqual({ id: ID, identity: {}, receivedAt: NOW, caller: {} });
  });
});

test('the same request, sent twice, is the same logout', async () => {
  const event = () => putEvent({ timeEpoch: NOW_MS, body: { id: ID, date_logout: '2026-05-01T10:00:00' } });
  const [first, second] = [await readEvent(event()), await readEvent(event())];
  expect(first).toEqual(second);
});
