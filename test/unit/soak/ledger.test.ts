import { expect, test } from 'vitest';
import { judgeEntry, type TerminalAnswer } from '../../../tools/soak/ledger.ts';

const open = { id: 'a' };
const loggedOut = { id: 'a', date_logout: 'then', success: true };
const ok: TerminalAnswer = { status: 200, date: 'then' };
const conflict: TerminalAnswer = { status: 409, date: 'then' };
const unavailable: TerminalAnswer = { status: 503 };

const entry = (answers: TerminalAnswer[], isForeign = false) => ({ id: 'a', isForeign, answers });

test.each([
  ['written and answered 200 is acknowledged', [ok], loggedOut, 'acknowledged'],
  ['written by one of two twins is acknowledged', [ok, conflict], loggedOut, 'acknowledged'],
  ['written and answered 200 at the repeat is acknowledged', [unavailable, ok], loggedOut, 'acknowledged'],
  ['written and answered 503 is unknown', [unavailable], loggedOut, 'unknown'],
  ['not written and answered 503 is open', [unavailable], open, 'open'],
  ['not asked for is open', [], open, 'open'],
] as const)('a connection %s', (_, answers, item, state) => {
  expect(judgeEntry(entry([...answers]), item, item === open ? 0 : 1)).toEqual({ state });
});

test.each([
  ['is gone', entry([ok]), undefined, 1],
  ['is written twice', entry([ok]), loggedOut, 2],
  ['is logged out without a write', entry([unavailable]), loggedOut, 0],
  ['is written and still open', entry([unavailable]), open, 1],
  ['is open although a 200 was answered', entry([{ status: 200 }]), open, 0],
  ['has another date than a 200 said', entry([{ status: 200, date: 'now' }]), loggedOut, 1],
  ['has another date than a 409 said', entry([ok, { status: 409, date: 'now' }]), loggedOut, 1],
  ['is logged out and no answer says so', entry([]), loggedOut, 1],
  ['is logged out by a foreign terminal', entry([unavailable], true), loggedOut, 1],
  ['is shown to a foreign terminal', entry([conflict], true), loggedOut, 1],
  ['is answered 500', entry([{ status: 500 }]), open, 0],
  ['is logged out without success', entry([ok]), { ...loggedOut, success: false }, 1],
])('a connection that %s is a violation', (_, one, item, writes) => {
  expect(judgeEntry(one, item, writes)).toEqual({ violation: expect.stringMatching(/^a: .*\.$/) });
});
