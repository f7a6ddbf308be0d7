import { describe, expect, test } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { SynthError } from '../../infra/synth-error.ts';

const read = (set: Record<string, unknown> = {}) => readSettings(set);

/** The sentences of a refusal. */
function refusals(set: Record<string, unknown>): string[] {
  try {
    read(set);
  } catch (error) {
    if (error instanceof SynthError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const issuer = 'https://login.example.com/';
const jwt = { auth: 'jwt', jwtIssuer: issuer, jwtAudience: 'terminals' };

test('what is not set has its default', () => {
  expect(read()).toEqual({
    stage: 'prod',
    production: true,
    auth: 'iam',
    timeZone: 'UTC',
    throttleRate: 500,
    throttleBurst: 1000,
    logRetentionDays: 90,
  });
});

test('null in cdk.json is not set', () => {
  expect(read({ stage: null, tableName: null, jwtIssuer: null })).toEqual(read());
});

describe('a valid value is taken', () => {
  test.each([
    ['stage', 'dev', 'dev'],
    ['stage', 'a', 'a'],
    ['stage', 'prod-eu-2', 'prod-eu-2'],
    ['stage', 'abcdefghij0123456789', 'abcdefghij0123456789'],
    ['auth', 'iam', 'iam'],
    ['auth', 'none', 'none'],
    ['tableName', 'abc', 'abc'],
    ['tableName', 'Login_cmd.connection-2', 'Login_cmd.connection-2'],
    ['timeZone', 'Europe/Madrid', 'Europe/Madrid'],
    ['timeZone', 'UTC', 'UTC'],
    ['throttleRate', '1', 1],
    ['throttleRate', 20_000, 20_000],
    ['throttleBurst', '250', 250],
    ['logRetentionDays', '1', 1],
    ['logRetentionDays', 3653, 3653],
  ])('%s=%s', (name, text, value) => {
    expect(read({ [name]: text })).toHaveProperty(name, value);
  });

  test.each([
    ['terminals', ['terminals']],
    ['terminals, kiosks', ['terminals', 'kiosks']],
  ])('auth=jwt with jwtAudience=%s', (jwtAudience, audience) => {
    expect(read({ ...jwt, jwtAudience }).auth).toEqual({ issuer, audience });
  });
});

describe('a refusal is one sentence with the setting, the value and what it may be', () => {
  const stage = 'lower-case letters, digits and hyphens, 20 at most, with a letter first';
  const auth = 'iam, jwt or none';
  const tableName = 'the name of a table: 3 to 255 letters, digits, hyphens, dots and underscores';
  const timeZone = 'the IANA name of a time zone, such as Europe/Madrid';
  const throttleRate = 'a whole number of requests a second, 1 or more';
  const throttleBurst = 'a whole number of requests, 1 or more';
  const logRetentionDays =
    'a number of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, ' +
    '1827, 2192, 2557, 2922, 3288, 3653';

  test.each([
    ['stage', 'Prod', stage],
    ['stage', '1st', stage],
    ['stage', 'abcdefghij0123456789x', stage],
    ['stage', 'dev\n', stage],
    ['stage', '', stage],
    ['auth', 'IAM', auth],
    ['auth', 'open', auth],
    ['auth', '', auth],
    ['auth', true, auth],
    ['tableName', 'ab', tableName],
    ['tableName', 'arn:aws:dynamodb:eu-west-1:123456789012:table/x', tableName],
    ['timeZone', 'Europe/Atlantis', timeZone],
    ['timeZone', '+01:00', timeZone],
    ['throttleRate', '0', throttleRate],
    ['throttleRate', '0.5', throttleRate],
    ['throttleRate', '-1', throttleRate],
    ['throttleRate', 'many', throttleRate],
    ['throttleBurst', '', throttleBurst],
    ['throttleBurst', ['1'], throttleBurst],
    ['logRetentionDays', '91', logRetentionDays],
    ['logRetentionDays', '9999', logRetentionDays],
  ])('%s=%j', (name, value, may) => {
    expect(refusals({ [name]: value })).toEqual([`${name} is ${JSON.stringify(value)}, but may be ${may}.`]);
  });

  test.each([
    'http://login.example.com',
    'login.example.com',
    'https://login.example.com/?tenant=1',
    'https://login.example.com/#keys',
    'https://user@login.example.com/',
    ' https://login.example.com/',
  ])('jwtIssuer=%s', (jwtIssuer) => {
    expect(refusals({ ...jwt, jwtIssuer })).toEqual([
      `jwtIssuer is "${jwtIssuer}", but may be an https URL without query and fragment.`,
    ]);
  });

  test.each(['', ',', 'terminals,', 'a,,b'])('jwtAudience=%j', (jwtAudience) => {
    expect(refusals({ ...jwt, jwtAudience })).toEqual([
      `jwtAudience is "${jwtAudience}", but may be one audience, or several with commas between them.`,
    ]);
  });
});

test('auth=jwt needs both jwtIssuer and jwtAudience', () => {
  expect(refusals({ auth: 'jwt' })).toEqual([
    'jwtIssuer is not set, but with auth=jwt it must be an https URL without query and fragment.',
    'jwtAudience is not set, but with auth=jwt it must be one audience, or several with commas between them.',
  ]);
});

test.each(['iam', 'none'])('auth=%s refuses jwtIssuer and jwtAudience', (auth) => {
  expect(refusals({ ...jwt, auth })).toEqual([
    `jwtIssuer is "${issuer}", but may be set with auth=jwt only: auth is "${auth}".`,
    `jwtAudience is "terminals", but may be set with auth=jwt only: auth is "${auth}".`,
  ]);
});

test('all wrong settings are named at once, in one order', () => {
  const wrong = { logRetentionDays: 2, throttleRate: 0, timeZone: 'Mars', stage: '?', auth: 'jwt' };
  const names = refusals(wrong).map((sentence) => sentence.split(' ')[0]);
  expect(names).toEqual([
    'stage',
    'timeZone',
    'throttleRate',
    'logRetentionDays',
    'jwtIssuer',
    'jwtAudience',
  ]);
});

test.each([
  ['prod', true],
  ['prod-eu', true],
  ['production', true],
  ['local', false],
  ['dev', false],
  ['preprod', false],
])('stage=%s: production is %s', (stage, production) => {
  expect(read({ stage }).production).toBe(production);
});
