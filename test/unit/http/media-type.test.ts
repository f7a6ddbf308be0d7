import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { negotiateResponseType, parseRequestType } from '../../../lambda/http/media-type.ts';

describe('the format of a request', () => {
  test.each([
    ['application/json', 'application/json'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['TEXT/JSON', 'text/json'],
    ['application/json; charset=utf-8', 'application/json'],
    ['application/json ; charset=utf-8', 'application/json'],
    [' text/json ', 'text/json'],
  ])('"%s" is %s: its case and its parameters count for nothing', (header, type) => {
    expect(parseRequestType(header)).toBe(type);
  });

  test.each([
    [undefined],
    [''],
    ['; charset=utf-8'],
    ['text/html; a=application/json'],
    ['application/jsonp'],
    ['application/vnd.api+json'],
    ['application / json'],
    ['application/json, text/json'],
  ])('%s is none of the three', (header) => {
    expect(parseRequestType(header)).toBeUndefined();
  });
});

describe('the format of a response', () => {
  const APP = 'application/json';
  const TEXT = 'text/json';

  test.each([
    ['no Accept', undefined],
    ['an empty Accept', ''],
    ['an Accept that matches neither', 'text/html'],
    ['both refused', 'application/json;q=0, text/json;q=0'],
    ['rubbish', ',;="\\,,;q'],
  ])('is text/json for a request of text/json, else application/json: %s', (_case, accept) => {
    expect(negotiateResponseType(accept, 'text/json; charset=utf-8')).toBe(TEXT);
    expect(negotiateResponseType(accept, 'application/json')).toBe(APP);
    expect(negotiateResponseType(accept, 'text/plain')).toBe(APP);
    expect(negotiateResponseType(accept, undefined)).toBe(APP);
  });

  test.each([
    ['the exact type', 'text/json', TEXT],
    ['in any case', 'TEXT/Json', TEXT],
    ['a range', 'text/*', TEXT],
    ['any, and then application/json', '*/*', APP],
    ['the higher q', 'application/json;q=0.5, text/json', TEXT],
    ['the higher q before the more specific entry', 'text/json;q=0.8, application/*;q=0.9', APP],
    ['then the more specific entry', 'application/*, text/json', TEXT],
    ['then the order of the header', 'text/json, application/json', TEXT],
    ['q=0 means not this one', 'application/json;q=0, */*', TEXT],
    ['the exact entry before the range', 'application/*;q=0, application/json;q=0.1, text/json;q=0', APP],
    ['a charset is ignored', 'application/json; charset=utf-8', APP],
    ['a charset in quotes is ignored', 'text/json ; Charset = "utf-8" ; q=0.9, application/json;q=0.5', TEXT],
    ['a charset behind q is ignored', 'application/json;q=0;charset=utf-8, */*', TEXT],
    ['a charset with a comma in quotes is ignored', 'text/json;charset="a,b", application/json;q=0.1', TEXT],
    [
      'an entry with another parameter beside a charset is another type',
      'text/json;charset=x;v=2, */*;q=0.1',
      APP,
    ],
    ['an entry with a parameter is another type', 'text/json;version=2, application/json;q=0.1', APP],
  ])('is by RFC 9110: %s (%s)', (_rule, accept, type) => {
    expect(negotiateResponseType(accept, undefined)).toBe(type);
    expect(negotiateResponseType(accept, 'text/json')).toBe(type);
  });

  test('is one of the two for any header at all: never a 406, never an error', () => {
    const pieces = [...',;="\\/*q0. \0é', APP, TEXT, '__proto__'];
    const header = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((chosen) => chosen.join('')),
    );
    fc.assert(
      fc.property(header, header, (accept, contentType) => {
        expect([APP, TEXT]).toContain(negotiateResponseType(accept, contentType));
      }),
      { numRuns: 1_000 },
    );
  });
});
