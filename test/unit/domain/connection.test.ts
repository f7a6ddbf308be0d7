import { expect, test } from 'vitest';
import { isLoggedIn } from '../../../lambda/domain/connection.ts';

test.each([undefined, null, '', '0001-01-01T00:00:00', '0001-01-01T00:00:00.000Z', '0001-12-31', '0001-'])(
  'a connection with the date_logout %j is logged in',
  (dateLogout) => {
    expect(isLoggedIn(dateLogout)).toBe(true);
  },
);

test.each(['2026-05-09T15:00:00Z', '0002-01-01', ' ', 'yesterday', '00010-01-01', ' 0001-01-01', 0, false])(
  'a connection with the date_logout %j is logged out',
  (dateLogout) => {
    expect(isLoggedIn(dateLogout)).toBe(false);
  },
);
