import { describe, expect, test } from 'vitest';
import { readCommonName } from '../../../lambda/http/distinguished-name.ts';

describe('the common name of a subject', () => {
  test('is the value of CN', () => {
    expect(readCommonName('CN=T-1,OU=Bar,O=Example,C=ES')).toBe('T-1');
  });

  test.each([
    ['alone', 'CN=T-1'],
    ['in the middle', 'O=Example,CN=T-1,C=ES'],
    ['in lower case', 'cn=T-1,o=Example'],
    ['by its object identifier', '2.5.4.3=T-1,O=Example'],
    ['joined to another attribute', 'serialNumber=7+CN=T-1,O=Example'],
    ['after attributes that are only numbers', '1.2.840.113549.1.9.1=#1603782e79,CN=T-1'],
    ['with whitespace around it', ' CN = T-1 , O = Example '],
    ['separated by semicolons', 'O=Example;CN=T-1'],
    ['in quotes', 'O="Example, Inc.",CN="T-1"'],
    ['beside a value that looks like one', 'O=Example\\,CN=T-2,CN=T-1'],
    ['beside a quoted value that looks like one', 'O="a,CN=T-2",CN=T-1'],
    ['beside a type that ends like it', 'XCN=T-2,CN=T-1'],
  ])('is read %s', (_where, subject) => {
    expect(readCommonName(subject)).toBe('T-1');
  });

  test.each([
    ['a comma', 'CN=Bar\\, left', 'Bar, left'],
    ['a comma in hexadecimal', 'CN=Bar\\2C left', 'Bar, left'],
    ['UTF-8 in hexadecimal', 'CN=Caf\\C3\\A9', 'Café'],
    ['what is not ASCII', 'CN=Café 😀', 'Café 😀'],
    ['a plus and a semicolon', 'CN=a\\+b\\;c', 'a+b;c'],
    ['a backslash', 'CN=a\\\\,O=x', 'a\\'],
    ['a quote', 'CN=a\\"b', 'a"b'],
    ['a quote within quotes', 'CN="a\\"b, c"', 'a"b, c'],
    ['an equals sign', 'CN=a=b', 'a=b'],
    ['an escaped number sign', 'CN=\\#1', '#1'],
    ['whitespace that is escaped', 'CN=\\ T-1\\ ', ' T-1 '],
    ['whitespace within', 'CN=Bar  left ,O=x', 'Bar  left'],
    ['whitespace within quotes', 'CN=" T-1 "', ' T-1 '],
  ])('may hold %s', (_what, subject, expected) => {
    expect(readCommonName(subject)).toBe(expected);
  });

  test.each([
    ['nothing', ''],
    ['another attribute only', 'O=Example'],
    ['an empty one', 'CN=,O=Example'],
    ['an empty one in quotes', 'CN=""'],
    ['two of them', 'CN=T-1,CN=T-2'],
    ['bytes that are not text', 'CN=#0c03542d31'],
    ['the form of OpenSSL', '/C=ES/CN=T-1'],
    ['a quote that does not end', 'CN="T-1'],
    ['text behind a quote', 'CN="T-1"x'],
    ['text that is not a name behind it', 'CN=T-1,x'],
    ['half an escape', 'CN=T-1\\'],
  ])('is missing from %s', (_what, subject) => {
    expect(readCommonName(subject)).toBeNull();
  });
});
