import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LogoutError } from '../../../lambda/domain/errors.ts';
import { MissingClaimsError } from '../../../lambda/http/errors.ts';
import {
  decodeBody,
  readCaller,
  readHeader,
  readReceivedAtMs,
  readRequestId,
} from '../../../lambda/http/event.ts';
import { putEvent } from '../../support/events.ts';
import { ID, readEvent } from './chain.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const NOTHING = { requiresToken: false, requiresCertificate: false };

describe('the token', () => {
  const readCallerBy = (authorizer: unknown, requirements = NOTHING) =>
    readCaller({ requestContext: { authorizer } }, requirements);
  const TOKEN_REQUIRED = { ...NOTHING, requiresToken: true };

  test('proves its subject, from the claims that the gateway has verified', () => {
    const event = putEvent({ jwt: { sub: ID, iss: 'https://issuer.example' } });
    expect(readCaller(event, NOTHING)).toEqual({ id_user: ID });
    expect(readCaller(event, TOKEN_REQUIRED)).toEqual({ id_user: ID });
  });

  test('has a subject that is taken as a GUID', () => {
    expect(readCallerBy({ jwt: { claims: { sub: ` {${ID.toUpperCase()}} ` } } })).toEqual({ id_user: ID });
  });

  test.each([
    ['not a GUID', { claims: { sub: 'alice' } }],
    ['the nil GUID', { claims: { sub: `{${NIL}}` } }],
    ['missing', { claims: {} }],
    ['a number', { claims: { sub: 5 } }],
    ['under another name', { claims: { Sub: ID, username: ID } }],
  ])('whose subject is %s matches no connection', (_case, jwt) => {
    expect(readCallerBy({ jwt })).toEqual({ id_user: null });
    expect(readCallerBy({ jwt }, TOKEN_REQUIRED)).toEqual({ id_user: null });
  });

  const otherAuthorizers: [string, unknown][] = [
    ['no authorizer', undefined],
    ['IAM', { iam: { accessKey: 'A', userId: 'U', userArn: 'arn:aws:iam::1:user/u' } }],
    ['a Lambda authorizer', { lambda: { sub: ID } }],
    ['null', null],
    ['a text', 'jwt'],
  ];

  test.each(otherAuthorizers)('is not asked for with %s', (_case, authorizer) => {
    expect(readCallerBy(authorizer).id_user).toBeUndefined();
  });

  test.each(otherAuthorizers)('that is required and missing with %s is a defect', (_case, authorizer) => {
    const message = 'The event has no claims of a token, which AUTH=jwt requires.';
    const error = expect.objectContaining({ name: 'MissingClaimsError', message });
    expect(() => readCallerBy(authorizer, TOKEN_REQUIRED)).toThrow(error);
  });

  test.each([null, {}, { claims: null }, 'token'])(
    'that has no claims, as in %j, matches no connection, and is a defect where one is required',
    (jwt) => {
      expect(readCallerBy({ jwt })).toEqual({ id_user: null });
      expect(() => readCallerBy({ jwt }, TOKEN_REQUIRED)).toThrow(MissingClaimsError);
    },
  );
});

describe('the client certificate', () => {
  const REQUIRED = { ...NOTHING, requiresCertificate: true };
  const readCallerBy = (authentication: unknown, requirements = REQUIRED) =>
    readCaller({ requestContext: { authentication } }, requirements).terminal_id;

  test('proves the common name of its subject', () => {
    expect(readCallerBy({ clientCert: { subjectDN: 'CN=T-1,O=Example', issuerDN: 'CN=CA' } })).toBe('T-1');
  });

  test('is not asked for where it need not be the terminal', () => {
    expect(readCallerBy({ clientCert: { subjectDN: 'CN=T-1' } }, NOTHING)).toBeUndefined();
  });

  test.each([
    ['missing', undefined],
    ['missing from null', null],
    ['null', { clientCert: null }],
  ])('that is required and %s is a defect, which the error names', (_case, authentication) => {
    const message = 'The event has no client certificate, which CERTIFICATE_SUBJECT=terminal_id requires.';
    const error = expect.objectContaining({ name: 'MissingCertificateError', message });
    expect(() => readCallerBy(authentication)).toThrow(error);
  });

  test.each([
    ['without a subject', { clientCert: { issuerDN: 'CN=T-1' } }],
    ['with an empty subject', { clientCert: { subjectDN: '' } }],
    ['with a subject that is not text', { clientCert: { subjectDN: ['CN=T-1'] } }],
    ['without a common name', { clientCert: { subjectDN: 'O=Example' } }],
  ])('that is required and %s matches no connection', (_case, authentication) => {
    expect(readCallerBy(authentication)).toBeNull();
  });
});

describe('the time of the request', () => {
  const OWN = 1_778_338_800_000;
  const readTime = (requestContext: unknown) => readReceivedAtMs({ requestContext });

  test("is the gateway's, although the function's clock differs", () => {
    expect(readTime({ timeEpoch: OWN - 90_000 })).toBe(OWN - 90_000);
  });

  test.each([...[undefined, null, '1778338800000', 1.5, 0, -1, Number.NaN, 1e300, 253_370_764_800_000]])(
    "is the function's own where the event has %s",
    (timeEpoch) => {
      vi.useFakeTimers({ now: OWN, toFake: ['Date'] });
      onTestFinished(() => void vi.useRealTimers());
      expect(readTime({ timeEpoch })).toBe(OWN);
      expect(readTime(undefined)).toBe(OWN);
    },
  );
});

describe('headers', () => {
  test('are read by their names in lower case, as the gateway sends them', () => {
    expect(readHeader({ headers: { accept: 'text/json' } }, 'accept')).toBe('text/json');
    expect(readHeader({ headers: {} }, 'accept')).toBeUndefined();
  });

  test.each([[null], ['accept'], [['accept']], [{ accept: 5 }], [{ accept: ['text/json'] }]])(
    'that the gateway cannot have sent are ignored: %j',
    (headers) => {
      expect(readHeader({ headers }, 'accept')).toBeUndefined();
    },
  );
});

test("the request id is the gateway's, else Lambda's", () => {
  const context = { awsRequestId: 'the-functions-own' };
  expect(readRequestId({ requestContext: { requestId: 'R-1' } }, context)).toBe('R-1');
  expect(readRequestId({ requestContext: { requestId: 5 } }, context)).toBe('the-functions-own');
  expect(readRequestId({}, context)).toBe('the-functions-own');
});

test.each([
  ['text', { body: 'é=1', isBase64Encoded: false }, 'é=1'],
  ['base64', { body: Buffer.from('é=1').toString('base64'), isBase64Encoded: true }, 'é=1'],
  ['text, where it does not say', { body: 'aWQ=' }, 'aWQ='],
  ['nothing', {}, ''],
  ['not text', { body: ['x'] }, ''],
])('the bytes of a body of %s', (_form, event, text) => {
  expect(decodeBody(event).toString()).toBe(text);
});

describe('an event that the gateway cannot have sent', () => {
  test.each([null, undefined, 'PUT', 5, [[]]])('is one without fields: %j', (event) => {
    expect(() => readEvent(event)).toThrow(expect.objectContaining({ code: 'invalid_connection' }));
  });

  test('is a logout or a LogoutError, whatever its shape', () => {
    // Lambda parses the event, so it is JSON.
    const character = fc.nat(0xffff).map((code) => String.fromCharCode(code));
    const any = fc.constantFrom<unknown>(null, 0, 1e300, true, '', 'x', [], [[]], {}, { toString: 1 });
    const contentType = fc.oneof(any, fc.constantFrom('text/json', 'application/x-www-form-urlencoded'));
    const context = fc.record({ authorizer: fc.record({ jwt: any }), timeEpoch: any });
    const event = fc.record(
      {
        headers: fc.oneof(any, fc.record({ 'content-type': contentType })),
        requestContext: fc.oneof(any, context),
        body: fc.oneof(any, fc.json(), fc.string({ unit: character }), fc.base64String()),
        isBase64Encoded: fc.oneof(any, fc.boolean()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(event, (sent) => {
        try {
          readEvent(sent);
        } catch (error) {
          if (!(error instanceof LogoutError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
