import { expect, test } from 'vitest';
import { readVariables } from '../../../tools/local/variables.ts';

test('without variables the ports are the documented ones, and any engine is taken', () => {
  expect(readVariables({ PORT: '' })).toEqual({
    port: 3000,
    dynamodbPort: 8000,
    engines: ['dynoxide', 'java', 'docker'],
    timeZone: undefined,
    functionEndpoint: undefined,
  });
});

test('what is set is taken', () => {
  const environment = {
    PORT: '0',
    DYNAMODB_PORT: '0',
    DYNAMODB_ENGINE: 'java',
    TIME_ZONE: 'Europe/Madrid',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9000',
  };
  expect(readVariables(environment)).toEqual({
    port: 0,
    dynamodbPort: 0,
    engines: ['java'],
    timeZone: 'Europe/Madrid',
    functionEndpoint: 'http://127.0.0.1:9000',
  });
});

test.each([
  [{ TIME_ZONE: 'Middle/Earth' }, /^TIME_ZONE is "Middle\/Earth": give an IANA time zone, such as UTC or /],
  [{ TIME_ZONE: '+01:00' }, /^TIME_ZONE is /],
  [{ TIME_ZONE: 'europe/madrid' }, /^TIME_ZONE is /],
  [{ PORT: 'http' }, /^PORT is "http": give a port from 1 to 65535/],
  [{ PORT: '65536' }, /^PORT is "65536"/],
  [{ DYNAMODB_PORT: '-1' }, /^DYNAMODB_PORT is "-1"/],
  [{ PORT: '4000', DYNAMODB_PORT: '4000' }, /^PORT and DYNAMODB_PORT are both 4000/],
  [{ DYNAMODB_ENGINE: 'Java' }, /^DYNAMODB_ENGINE is "Java": give one of dynoxide, java, docker\./],
  [
    { AWS_ENDPOINT_URL_DYNAMODB: 'localhost:8000' },
    /^AWS_ENDPOINT_URL_DYNAMODB is "localhost:8000": give a URL/,
  ],
])('%o is refused with a sentence', (environment, sentence) => {
  expect(() => readVariables(environment)).toThrow(sentence);
});

test('two wrong variables are both named', () => {
  expect(() => readVariables({ PORT: 'x', DYNAMODB_PORT: 'y' })).toThrow(
    /^PORT is "x": .*\.\nDYNAMODB_PORT is "y": .*\.$/,
  );
});
