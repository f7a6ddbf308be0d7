import { expect, test } from 'vitest';
import { FIELD_TYPES, FIELDS, IDENTITY_FIELDS } from '../../../lambda/domain/connection.ts';

test('a connection has these ten fields, in this order', () => {
  expect(FIELDS).toEqual([
    'id',
    'locator',
    'id_pos_sesion',
    'terminal_id',
    'success',
    'message',
    'date_login',
    'date_logout',
    'terminal_type',
    'id_user',
  ]);
});

test('its GUIDs, dates, boolean and strings are these', () => {
  expect(FIELD_TYPES).toEqual({
    id: 'guid',
    locator: 'string',
    id_pos_sesion: 'guid',
    terminal_id: 'string',
    success: 'boolean',
    message: 'string',
    date_login: 'date',
    date_logout: 'date',
    terminal_type: 'string',
    id_user: 'guid',
  });
});

test('five of them say whose connection it is', () => {
  expect([...IDENTITY_FIELDS].sort()).toEqual([
    'id_pos_sesion',
    'id_user',
    'locator',
    'terminal_id',
    'terminal_type',
  ]);
});
