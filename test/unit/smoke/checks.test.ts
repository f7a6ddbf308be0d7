import type { RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listChecks, runCheck } from '../../../tools/smoke/checks.ts';
import { SmokeClient } from '../../../tools/smoke/client.ts';
import { serve } from '../../support/server.ts';

const RIGHT = {
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'apigw-requestid': 'abc=',
  },
  body: { success: false, code: 'connection_not_found', message: 'A sentence.', request_id: 'abc=' },
};

/** @returns the differences that the first check finds: the harmless request, answered by a server of the test's. */
async function differencesOf(listener: RequestListener) {
  const target = { origin: await serve(listener), access: { auth: 'none' }, region: undefined } as const;
  const client = new SmokeClient(target, () => Promise.reject());
  onTestFinished(() => client.close());
  const [first] = listChecks(client, target, undefined);
  if (first === undefined) throw new Error('There is no check.');
  return runCheck(first);
}

const answered = (headers: object, body: object | string, status = 404): RequestListener => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (_, response) => response.writeHead(status, headers as Record<string, string>).end(text);
};

describe('the check of the function, its permission and the table', () => {
  test('finds no difference in the right answer', async () => {
    expect(await differencesOf(answered(RIGHT.headers, RIGHT.body))).toEqual([]);
  });

  const { 'cache-control': _, ...uncached } = RIGHT.headers;
  const EXPECTED = "but must have code connection_not_found and the request's id";

  test.each([
    ['another status', answered(RIGHT.headers, RIGHT.body, 503), 'the status is 503, but must be 404'],
    [
      'a missing header',
      answered(uncached, RIGHT.body),
      'the header cache-control is missing, but must be no-store',
    ],
    [
      'another charset, without its text',
      answered({ ...RIGHT.headers, 'content-type': 'application/json;charset=UTF-8' }, RIGHT.body),
      'the header content-type is another, but must be application/json; charset=utf-8',
    ],
    [
      'another code',
      answered(RIGHT.headers, { ...RIGHT.body, code: 'other' }),
      `the body has code other, ${EXPECTED}`,
    ],
    [
      'the id of another request',
      answered(RIGHT.headers, { ...RIGHT.body, request_id: 'other' }),
      `the body has code connection_not_found, ${EXPECTED}`,
    ],
    [
      'a short message of the gateway',
      answered(RIGHT.headers, { message: 'Service Unavailable' }),
      `the body has message "Service Unavailable", ${EXPECTED}`,
    ],
    [
      'a page, without its text',
      answered(RIGHT.headers, '<h1>\u001b[2J</h1>'),
      `the body has neither a code nor a short message, ${EXPECTED}`,
    ],
    [
      'JSON that is null',
      answered(RIGHT.headers, 'null'),
      `the body has neither a code nor a short message, ${EXPECTED}`,
    ],
  ])('names %s', async (_, listener, difference) => {
    expect(await differencesOf(listener)).toEqual([difference]);
  });

  test('names a connection that breaks off', async () => {
    const differences = await differencesOf((_, response) => void response.destroy());
    expect(differences).toEqual([expect.stringMatching(/^there is no answer: /)]);
  });
});
