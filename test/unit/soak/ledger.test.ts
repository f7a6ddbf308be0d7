import { describe, expect, test } from 'vitest';
import { accountFor, type Told } from '../../../tools/soak/ledger.ts';

const open = { id: 'a' };
const loggedOut = { id: 'a', date_logout: 'then', success: true };
const yes: Told = { status: 200, date: 'then' };
const no: Told = { status: 409, date: 'then' };
const unknown: Told = { status: 503 };

const entry = (told: Told[], isForeign = false) => ({ id: 'a', isForeign, told });

describe('at the end of a soak a connection is', () => {
  test.each([
    ['acknowledged, where a 200 said so', [yes], loggedOut, 'acknowledged'],
    ['acknowledged, where a twin won', [yes, no], loggedOut, 'acknowledged'],
    ['acknowledged, where the repeat settled it', [unknown, yes], loggedOut, 'acknowledged'],
    ['unknown, where the terminal went away', [unknown], loggedOut, 'unknown'],
    ['open, where nothing was written', [unknown], open, 'open'],
    ['open, where nobody asked', [], open, 'open'],
  ] as const)('%s', (_, told, item, account) => {
    expect(accountFor(entry([...told]), item, item === open ? 0 : 1)).toEqual({ account });
  });

  test.each([
    ['gone', entry([yes]), undefined, 1],
    ['written twice', entry([yes]), loggedOut, 2],
    ['logged out by nobody', entry([unknown]), loggedOut, 0],
    ['written, and open', entry([unknown]), open, 1],
    ['open, although a 200 was given', entry([{ status: 200 }]), open, 0],
    ['logged out at another date than a 200 said', entry([{ status: 200, date: 'now' }]), loggedOut, 1],
    ['logged out at another date than a 409 said', entry([yes, { status: 409, date: 'now' }]), loggedOut, 1],
    ['logged out, and nobody was told', entry([]), loggedOut, 1],
    ['logged out by a stranger', entry([unknown], true), loggedOut, 1],
    ['shown to a stranger', entry([no], true), loggedOut, 1],
    ['answered with what no terminal may be', entry([{ status: 500 }]), open, 0],
    ['logged out without success', entry([yes]), { ...loggedOut, success: false }, 1],
  ])('a violation, where it is %s', (_, one, item, writes) => {
    expect(accountFor(one, item, writes)).toEqual({ violation: expect.stringMatching(/^a: .*\.$/) });
  });
});
