import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogoutError } from '../../../lambda/domain/errors.ts';
import { asEvent, callerOf, type GatewayEvent, header, requestId } from '../../../lambda/http/event.ts';
import { putEvent, REQUEST_ID } from '../../support/events.ts';
import { ID, readEvent } from './chain.ts';

const callerBy = (authorizer: unknown) => callerOf({ requestContext: { authorizer } });

describe('the token', () => {
  test('is where the gateway puts the claims that it has verified', () => {
    expect(callerOf(putEvent({ jwt: { sub: ID, iss: 'https://issuer.example' } }))).toEqual({ subject: ID });
  });

  test.each([
    ['as it is', ID],
    ['in capital letters', ID.toUpperCase()],
    ['32 digits', ID.replaceAll('-', '')],
    ['in braces', `{${ID}}`],
    ['with blanks around it', ` ${ID} `],
  ])('has a subject that is taken as a GUID: %s', (_form, sub) => {
    expect(callerBy({ jwt: { claims: { sub } } })).toEqual({ subject: ID });
  });

  test.each([
    ['no GUID', { jwt: { claims: { sub: 'alice' } } }],
    ['empty', { jwt: { claims: { sub: '' } } }],
    ['missing', { jwt: { claims: {} } }],
    ['a number', { jwt: { claims: { sub: 5 } } }],
    ['null', { jwt: { claims: { sub: null } } }],
    ['a list', { jwt: { claims: { sub: [ID] } } }],
    ['under another name', { jwt: { claims: { Sub: ID, username: ID } } }],
    ['missing with the claims', { jwt: {} }],
    ['missing with claims that are null', { jwt: { claims: null } }],
    ['missing from what is no object', { jwt: 'eyJ' }],
    ['missing from null', { jwt: null }],
  ])('whose subject is %s matches nothing', (_case, authorizer) => {
    expect(callerBy(authorizer)).toEqual({});
  });

  test.each([
    ['no authorizer', undefined],
    ['IAM', { iam: { accessKey: 'A', userId: 'U', userArn: 'arn:aws:iam::1:user/u' } }],
    ['a Lambda authorizer', { lambda: { sub: ID } }],
    ['null', null],
    ['a text', 'jwt'],
  ])('is none with %s: the rule of the caller does not hold', (_case, authorizer) => {
    expect(callerBy(authorizer)).toBeUndefined();
  });
});

describe('headers', () => {
  test('are read by their names in lower case, as the gateway sends them', () => {
    expect(header({ headers: { accept: 'text/json' } }, 'accept')).toBe('text/json');
    expect(header({ headers: {} }, 'accept')).toBeUndefined();
  });

  test.each([
    [null],
    ['accept'],
    [5],
    [['accept']],
    [{ accept: 5 }],
    [{ accept: ['text/json'] }],
    [undefined],
  ])('that the gateway cannot have sent are none: %j', (headers) => {
    expect(header({ headers }, 'accept')).toBeUndefined();
  });
});

test("the request id is the gateway's", () => {
  expect(requestId(putEvent())).toBe(REQUEST_ID);
  expect(requestId({ requestContext: { requestId: 5 } })).toBeUndefined();
  expect(requestId({})).toBeUndefined();
});

describe('an event that the gateway cannot have sent', () => {
  test.each([[null], [undefined], ['PUT'], [5], [true], [[]]])('is one without fields: %j', async (event) => {
    expect(header(asEvent(event), 'accept')).toBeUndefined();
    await expect(readEvent(event)).rejects.toMatchObject({
      code: 'invalid_connection',
      errors: [{ field: 'id' }],
    });
  });

  const parts = ['version', 'headers', 'requestContext', 'body', 'isBase64Encoded'] as const;
  const values = [undefined, null, 0, '', 'x', true, [], {}, { authorizer: 'x', 'content-type': {} }];

  test.each(parts)('is read like any other, without defects: any %s', async (part) => {
    for (const value of values) {
      const event = { ...putEvent({ body: { id: ID }, jwt: { sub: ID } }), [part]: value };
      const result = await readEvent(event).catch((error: unknown) => error);
      if (!(result instanceof LogoutError)) expect(result).toMatchObject({ id: ID });
    }
  });

  test('never throws what is no LogoutError, whatever it is', async () => {
    const event = fc.record(
      {
        headers: fc.oneof(
          fc.anything(),
          fc.record({
            'content-type': fc.constantFrom('text/json', 'application/x-www-form-urlencoded', 'x'),
          }),
        ),
        requestContext: fc.oneof(fc.anything(), fc.record({ authorizer: fc.record({ jwt: fc.anything() }) })),
        body: fc.oneof(fc.anything(), fc.json(), fc.string({ unit: 'binary' }), fc.base64String()),
        isBase64Encoded: fc.oneof(fc.boolean(), fc.anything()),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 9, arbitrary: event }, { weight: 1, arbitrary: fc.anything() }),
        async (any) => {
          const result = await readEvent(any as GatewayEvent).catch((error: unknown) => error);
          if (result instanceof Error) expect(result).toBeInstanceOf(LogoutError);
        },
      ),
      { numRuns: 400 },
    );
  });
});
