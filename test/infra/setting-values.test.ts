import { expect, test } from 'vitest';
import { type Definition, definitions, type Name } from '../../infra/settings.ts';

const parse = (name: Name, written: unknown) => (definitions[name] as Definition<unknown>).parse(written);

test.each<[name: Name, written: unknown, value: unknown]>([
  ['stage', 'a', 'a'],
  ['stage', 'dev-eu-2', 'dev-eu-2'],
  ['stage', 'abcdefghij0123456789', 'abcdefghij0123456789'],
  ['auth', 'none', 'none'],
  ['jwtAudience', 'terminals', ['terminals']],
  ['jwtAudience', 'terminals, kiosks', ['terminals', 'kiosks']],
  ['jwtAudience', '["terminals","kiosks"]', ['terminals', 'kiosks']],
  ['jwtAudience', ['terminals', 'kiosks'], ['terminals', 'kiosks']],
  ['domainName', 'example.com', 'example.com'],
  ['domainName', 'a.b-c.example.museum', 'a.b-c.example.museum'],
  ['domainName', 'xn--caf-dma.example.com', 'xn--caf-dma.example.com'],
  [
    'certificateArn',
    'arn:aws-cn:acm:cn-north-1:123456789012:certificate/abc',
    'arn:aws-cn:acm:cn-north-1:123456789012:certificate/abc',
  ],
  ['truststoreUri', 's3://trust/truststore.pem', { bucket: 'trust', key: 'truststore.pem' }],
  ['truststoreUri', 's3://my.trust-1/a/b/c.pem', { bucket: 'my.trust-1', key: 'a/b/c.pem' }],
  ['tableName', 'abc', 'abc'],
  ['tableName', 'Login_cmd.connection-2', 'Login_cmd.connection-2'],
  ['timeZone', 'Europe/Madrid', 'Europe/Madrid'],
  ['timeZone', 'UTC', 'UTC'],
  ['alarmEmail', 'first.last+logout@mail.example.co.uk', 'first.last+logout@mail.example.co.uk'],
  ['runbookUrl', 'https://wiki.example.com/logout?page=1', 'https://wiki.example.com/logout?page=1'],
  ['runbookUrl', 'docs/runbook.md', 'docs/runbook.md'],
  ['throttleRate', '1', 1],
  ['throttleRate', 20_000, 20_000],
  ['logRetentionDays', '1', 1],
  ['logRetentionDays', 3653, 3653],
  ['logCaller', 'true', true],
  ['logCaller', true, true],
  ['rollout', 'allAtOnce', 'allAtOnce'],
])('%s takes %j as %j', (name, written, value) => {
  expect(parse(name, written)).toEqual(value);
});

/** Values that are not allowed, by setting. */
const REFUSED: Partial<Record<Name, readonly unknown[]>> = {
  stage: ['Prod', '1st', 'abcdefghij0123456789x', 'dev\n', ''],
  production: ['yes'],
  auth: ['IAM', '', true],
  jwtIssuer: [
    'http://login.example.com',
    'login.example.com',
    'https://login.example.com/?tenant=1',
    'https://login.example.com/#keys',
    'https://user@login.example.com/',
    ' https://login.example.com/',
  ],
  jwtAudience: ['', ',', 'terminals,', 'a,,b', '["a"', '[]', '[1]', '[""]', [], [1], ['a', ' ']],
  authorizerArn: ['devices', 'arn:aws:lambda:eu-west-1:123456789012:layer:devices'],
  domainName: [
    'localhost',
    'Logout.example.com',
    '*.example.com',
    'https://logout.example.com',
    'logout.example.com.',
    '-a.example.com',
    '10.0.0.1',
    `${'a.'.repeat(125)}example`,
  ],
  certificateArn: ['arn:aws:iam::123456789012:server-certificate/x', '5f2b0f0e-1c2d-4e3f-8a9b-0c1d2e3f4a5b'],
  truststoreUri: [
    'https://trust.s3.amazonaws.com/truststore.pem',
    's3://trust',
    's3://trust/',
    's3://trust//truststore.pem',
    's3://Trust/truststore.pem',
    's3://trust/trust store.pem',
  ],
  tableName: ['ab', 'arn:aws:dynamodb:eu-west-1:123456789012:table/x', true],
  tableKeyArn: ['alias/login', 'arn:aws:kms:eu-west-1:123456789012:alias/login'],
  timeZone: ['Europe/Atlantis', '+01:00'],
  alarmEmail: [
    'on-call',
    'a@example.com, b@example.com',
    'On Call <on-call@example.com>',
    ['a@example.com'],
    '["a@example.com"]',
  ],
  runbookUrl: [
    'http://wiki.example.com/logout',
    'https://wiki.example.com/logout#alarms',
    'wiki.example.com/logout',
  ],
  throttleRate: ['0', '0.5', '-1', 'many', '', ['1']],
  logRetentionDays: ['91', '9999'],
  logCaller: [1, 'on'],
  rollout: ['allatonce'],
};

test.each(
  Object.entries(REFUSED).flatMap(([name, values]) => values.map((value) => [name as Name, value] as const)),
)('%s refuses %j', (name, written) => {
  expect(parse(name, written)).toBeUndefined();
});
