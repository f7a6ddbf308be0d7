import { describe, expect, test } from 'vitest';
import { NIL_GUID, parseGuid } from '../../../lambda/domain/guid.ts';

const GUID = '9da91479-03ed-42f5-9827-e03302f1a8e7';
const DIGITS = GUID.replaceAll('-', '');

describe('a GUID', () => {
  test.each([
    ['8-4-4-4-12', GUID],
    ['32 digits', DIGITS],
    ['8-4-4-4-12 in braces', `{${GUID}}`],
    ['8-4-4-4-12 in parentheses', `(${GUID})`],
    ['32 digits in braces', `{${DIGITS}}`],
    ['32 digits in parentheses', `(${DIGITS})`],
    ['upper case', GUID.toUpperCase()],
    ['whitespace around it', ` \t\r\n${GUID}\n `],
  ])('is read as lower-case 8-4-4-4-12 from %s', (_form, text) => {
    expect(parseGuid(text)).toBe(GUID);
  });

  test.each([
    ['nothing', ''],
    ['a digit too few', GUID.slice(1)],
    ['a digit too many', `${GUID}0`],
    ['a letter that is not a digit', GUID.replace('9', 'g')],
    ['without the first dash only', '9da9147903ed-42f5-9827-e03302f1a8e7'],
    ['without the last dash only', '9da91479-03ed-42f5-9827e03302f1a8e7'],
    ['with the first dash only', '9da91479-03ed42f59827e03302f1a8e7'],
    ['dashes in other places', '9da91479-03e-d42f5-9827-e03302f1a8e7'],
    ['an opening brace only', `{${GUID}`],
    ['a closing brace only', `${GUID}}`],
    ['a brace and a parenthesis', `{${GUID})`],
    ['brackets', `[${GUID}]`],
    ['whitespace within braces', `{ ${GUID} }`],
    ['a URN', `urn:uuid:${GUID}`],
    ['the form of .NET with 0x', '{0x9da91479,0x03ed,0x42f5,{0x98,0x27,0xe0,0x33,0x02,0xf1,0xa8,0xe7}}'],
  ])('is not read from %s', (_what, text) => {
    expect(parseGuid(text)).toBeUndefined();
  });

  test('of 32 zeros in braces is the nil GUID', () => {
    expect(parseGuid(`{${'0'.repeat(32)}}`)).toBe(NIL_GUID);
  });
});
