import { describe, expect, test } from 'vitest';
import { timeZone, UTC } from '../../../lambda/domain/time-zone.ts';
import { itemOf } from '../../../tools/import/item.ts';

const ID = '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713';

describe('itemOf', () => {
  test('writes a row as the login service would, whatever form the old store has', () => {
    const row = {
      ID: `{${ID.toUpperCase()}}`,
      ID_USER: '2d9e7c106a4b4f83b1d58c07e3f9a642',
      Terminal_Id: 'T-1',
      terminal_type: '\ud800',
      locator: ' ',
      message: null,
      success: 1,
      date_login: '2026-05-09 09:00:00.500',
      date_logout: '0001-01-01T00:00:00',
      id_pos_sesion: '00000000-0000-0000-0000-000000000000',
      row_version: 7,
    };
    expect(itemOf(row, timeZone('Europe/Madrid'))).toEqual({
      id: ID,
      id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
      terminal_id: 'T-1',
      terminal_type: '\ufffd',
      success: true,
      date_login: '2026-05-09T09:00:00.5+02:00',
    });
  });

  test('takes the second 02:10 of the autumn night for a logout after a login at 02:50, as the service does', () => {
    const row = { id: ID, date_login: '2026-10-25T02:50:00', date_logout: '2026-10-25T02:10:00' };
    expect(itemOf(row, timeZone('Europe/Madrid'))).toMatchObject({
      date_login: '2026-10-25T02:50:00+02:00',
      date_logout: '2026-10-25T02:10:00+01:00',
    });
  });

  test.each([
    [true, true],
    [0, false],
    [' False ', false],
    ['TRUE', true],
    ['', undefined],
  ])('reads success %o as %o', (success, expected) => {
    expect(itemOf({ id: ID, success }, UTC).success).toBe(expected);
  });

  test.each([
    [{ id: 'x' }, 'id is not a GUID'],
    [{}, 'it has no id'],
    [7, 'it is not an object'],
    [[], 'it is not an object'],
    [null, 'it is not an object'],
    [new SyntaxError('x'), 'it is not JSON'],
    [{ id: ID, terminal_id: true }, 'terminal_id is not a string'],
    [{ id: ID, date_login: '05/09/2026' }, 'date_login is not a date'],
    [{ id: ID, success: 'yes' }, 'success is neither true nor false'],
  ])('refuses %o: %s', (row, message) => {
    expect(() => itemOf(row, UTC)).toThrow(expect.objectContaining({ name: 'RangeError', message }));
  });
});
