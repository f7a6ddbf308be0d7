import { describe, expect, test } from 'vitest';
import { readConfig } from '../../lambda/config.ts';

const ENVIRONMENT = {
  TABLE_NAME: 'cmd_connection',
  STAGE: 'prod',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

describe('the environment', () => {
  test('gives the table, the stage, the region and the credentials', () => {
    expect(readConfig(ENVIRONMENT)).toEqual({
      tableName: 'cmd_connection',
      stage: 'prod',
      timeZone: 'UTC',
      requiresToken: false,
      requiresCertificate: false,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    });
  });

  test('gives the session of the role, and the endpoint of DynamoDB Local, where they are set', () => {
    const variables = { AWS_SESSION_TOKEN: 'token', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' };
    expect(readConfig({ ...ENVIRONMENT, ...variables })).toMatchObject({
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' },
      endpoint: 'http://127.0.0.1:8000',
    });
    expect(readConfig({ ...ENVIRONMENT, AWS_SESSION_TOKEN: '', AWS_ENDPOINT_URL_DYNAMODB: '' })).toEqual(
      readConfig(ENVIRONMENT),
    );
  });

  test.each(Object.keys(ENVIRONMENT))('without %s is refused in a sentence that names it', (name) => {
    const sentence = `The environment variable ${name} is not set.`;
    expect(() => readConfig({ ...ENVIRONMENT, [name]: undefined })).toThrow(sentence);
    expect(() => readConfig({ ...ENVIRONMENT, [name]: '' })).toThrow(sentence);
  });
});

test('TIME_ZONE is the name of a zone, which is looked up when the function starts: UTC if not set, or empty', () => {
  expect(readConfig({ ...ENVIRONMENT, TIME_ZONE: 'Europe/Madrid' }).timeZone).toBe('Europe/Madrid');
  expect(readConfig({ ...ENVIRONMENT, TIME_ZONE: '' }).timeZone).toBe('UTC');
});

describe('the proofs that callers must give', () => {
  test.each([['jwt', true] as const, ...['iam', 'lambda', 'none', ''].map((auth) => [auth, false] as const)])(
    'with AUTH=%s a token is among them: %s',
    (AUTH, expected) => {
      expect(readConfig({ ...ENVIRONMENT, AUTH }).requiresToken).toBe(expected);
    },
  );

  test('are a certificate with CERTIFICATE_SUBJECT=terminal_id', () => {
    expect(readConfig({ ...ENVIRONMENT, CERTIFICATE_SUBJECT: 'terminal_id' }).requiresCertificate).toBe(true);
    expect(readConfig({ ...ENVIRONMENT, CERTIFICATE_SUBJECT: '' }).requiresCertificate).toBe(false);
  });

  test.each([
    ['AUTH', 'JWT', 'The environment variable AUTH is "JWT". It may be iam, jwt, lambda, none.'],
    [
      'CERTIFICATE_SUBJECT',
      'cn',
      'The environment variable CERTIFICATE_SUBJECT is "cn". It may be terminal_id.',
    ],
  ])('are never left out because %s is misspelt: the function does not start', (name, value, sentence) => {
    const error = expect.objectContaining({ name: 'ConfigError', message: sentence });
    expect(() => readConfig({ ...ENVIRONMENT, [name]: value })).toThrow(error);
  });
});

test('COMMIT is the commit that the function was built from', () => {
  expect(readConfig({ ...ENVIRONMENT, COMMIT: '0123abc' }).commit).toBe('0123abc');
  expect(readConfig({ ...ENVIRONMENT, COMMIT: '' }).commit).toBeUndefined();
});
