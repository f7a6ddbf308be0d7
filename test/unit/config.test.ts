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

describe('TIME_ZONE', () => {
  test('is UTC if not set, or empty', () => {
    expect(readConfig(ENVIRONMENT).timeZone).toBe('UTC');
    expect(readConfig({ ...ENVIRONMENT, TIME_ZONE: '' }).timeZone).toBe('UTC');
  });

  test('is the name of a zone, which is looked up when the function starts', () => {
    expect(readConfig({ ...ENVIRONMENT, TIME_ZONE: 'Europe/Madrid' }).timeZone).toBe('Europe/Madrid');
  });
});
