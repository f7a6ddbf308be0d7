import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
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
const certificateArn = 'arn:aws:acm:eu-west-1:123456789012:certificate/5f2b0f0e-1c2d-4e3f-8a9b-0c1d2e3f4a5b';
const domain = { domainName: 'logout.example.com', certificateArn };

test('what is not set has its default', () => {
  expect(read()).toEqual({
    stage: 'prod',
    production: true,
    auth: 'iam',
    timeZone: 'UTC',
    throttleRate: 500,
    throttleBurst: 1000,
    logRetentionDays: 90,
    runbookUrl: 'docs/runbook.md',
    rollout: 'canary',
  });
});

test('null in cdk.json is not set', () => {
  expect(read({ stage: null, tableName: null, jwtIssuer: null, truststoreUri: null })).toEqual(read());
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
    ['alarmEmail', 'on-call@example.com', 'on-call@example.com'],
    ['alarmEmail', 'first.last+logout@mail.example.co.uk', 'first.last+logout@mail.example.co.uk'],
    ['runbookUrl', 'https://wiki.example.com/logout?page=1', 'https://wiki.example.com/logout?page=1'],
    ['runbookUrl', 'docs/runbook.md', 'docs/runbook.md'],
    ['rollout', 'canary', 'canary'],
    ['rollout', 'allAtOnce', 'allAtOnce'],
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

  test.each(['example.com', 'a.b-c.example.museum', 'xn--caf-dma.example.com'])('domainName=%s', (name) => {
    expect(read({ ...domain, domainName: name }).domain).toEqual({ name, certificateArn });
  });

  test.each(['arn:aws-cn:acm:cn-north-1:123456789012:certificate/abc'])('certificateArn=%s', (arn) => {
    expect(read({ ...domain, certificateArn: arn }).domain).toHaveProperty('certificateArn', arn);
  });

  test.each([
    ['s3://trust/truststore.pem', { bucket: 'trust', key: 'truststore.pem' }],
    ['s3://my.trust-1/a/b/c.pem', { bucket: 'my.trust-1', key: 'a/b/c.pem' }],
  ])('truststoreUri=%s', (truststoreUri, truststore) => {
    expect(read({ ...domain, truststoreUri }).domain).toEqual({
      name: 'logout.example.com',
      certificateArn,
      truststore,
    });
  });
});

describe('a refusal is one sentence with the setting, the value and what it may be', () => {
  const stage = 'lower-case letters, digits and hyphens, 20 at most, with a letter first';
  const auth = 'iam, jwt or none';
  const tableName = 'the name of a table: 3 to 255 letters, digits, hyphens, dots and underscores';
  const timeZone = 'the IANA name of a time zone, such as Europe/Madrid';
  const alarmEmail = 'an e-mail address';
  const runbookUrl = 'an https URL without fragment, or the path of a .md file in the repository';
  const rollout = 'canary or allAtOnce';
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
    ['alarmEmail', 'on-call', alarmEmail],
    ['alarmEmail', 'a@example.com, b@example.com', alarmEmail],
    ['alarmEmail', 'On Call <on-call@example.com>', alarmEmail],
    ['runbookUrl', 'http://wiki.example.com/logout', runbookUrl],
    ['runbookUrl', 'https://wiki.example.com/logout#alarms', runbookUrl],
    ['runbookUrl', 'wiki.example.com/logout', runbookUrl],
    ['rollout', 'allatonce', rollout],
    ['rollout', 'linear', rollout],
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

describe('a refusal of the domain too', () => {
  test.each([
    'localhost',
    'Logout.example.com',
    '*.example.com',
    'https://logout.example.com',
    'logout.example.com.',
    '-a.example.com',
    '10.0.0.1',
    `${'a.'.repeat(125)}example`,
  ])('domainName=%s', (domainName) => {
    expect(refusals({ ...domain, domainName })).toEqual([
      `domainName is "${domainName}", but may be a host name in lower case, such as logout.example.com.`,
    ]);
  });

  test.each(['arn:aws:iam::123456789012:server-certificate/x', '5f2b0f0e-1c2d-4e3f-8a9b-0c1d2e3f4a5b'])(
    'certificateArn=%s',
    (arn) => {
      expect(refusals({ ...domain, certificateArn: arn })).toEqual([
        `certificateArn is "${arn}", but may be the ARN of a certificate in ACM.`,
      ]);
    },
  );

  test.each([
    'https://trust.s3.amazonaws.com/truststore.pem',
    's3://trust',
    's3://trust/',
    's3://trust//truststore.pem',
    's3://Trust/truststore.pem',
    's3://trust/trust store.pem',
  ])('truststoreUri=%s', (truststoreUri) => {
    expect(refusals({ ...domain, truststoreUri })).toEqual([
      `truststoreUri is "${truststoreUri}", but may be s3://, a bucket, / and a key.`,
    ]);
  });
});

test('domainName needs certificateArn', () => {
  expect(refusals({ domainName: 'logout.example.com' })).toEqual([
    'certificateArn is not set, but with domainName it must be the ARN of a certificate in ACM.',
  ]);
});

test('certificateArn and truststoreUri are refused without domainName', () => {
  const truststoreUri = 's3://trust/truststore.pem';
  expect(refusals({ certificateArn, truststoreUri })).toEqual([
    `certificateArn is "${certificateArn}", but may be set with domainName only.`,
    `truststoreUri is "${truststoreUri}", but may be set with domainName only.`,
  ]);
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
  const wrong = {
    Stage: 'dev',
    truststoreUri: 's3://a',
    logRetentionDays: 2,
    throttleRate: 0,
    timeZone: 'Mars',
    stage: '?',
    auth: 'jwt',
  };
  const names = refusals(wrong).map((sentence) => sentence.split(' ')[0]);
  expect(names).toEqual([
    'stage',
    'truststoreUri',
    'timeZone',
    'throttleRate',
    'logRetentionDays',
    'jwtIssuer',
    'jwtAudience',
    'truststoreUri',
    'Stage',
  ]);
});

test('a name that is not a setting is refused by name, with the list of the settings', () => {
  const [refusal, ...others] = refusals({ timezone: 'UTC' });
  expect(others).toEqual([]);
  expect(refusal).toMatch(
    /^timezone is "UTC", but there is no such setting\. The settings are: stage, auth, .*timeZone, .*rollout\.$/,
  );
});

test("CDK's own context is ignored", () => {
  const context = {
    ...cdkJson.context,
    ...flags,
    'aws:cdk:enable-path-metadata': true,
    'availability-zones:account=123456789012:region=eu-west-1': ['eu-west-1a'],
    'hosted-zone:account=123456789012:domainName=example.com:region=eu-west-1': { Id: 'Z1' },
    'acknowledged-issue-numbers': [1],
    '@example/timezone': 'x',
  };
  expect(read(context)).toEqual(read());
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
