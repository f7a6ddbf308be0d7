import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import { SynthError } from '../../infra/errors.ts';
import { readSettings } from '../../infra/read-settings.ts';
import { contextOf, domain, existingTable, jwt, lambda, mutualTls } from './synth.ts';

/** Reads flags at a stage that is not production, so that no file is needed. */
const read = (set: Record<string, unknown> = {}) => readSettings({ stage: 'dev', ...set });

/** The sentences with which a context is refused. */
function refusalsOf(context: Record<string, unknown>): string[] {
  try {
    readSettings(context);
  } catch (error) {
    if (error instanceof SynthError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const refusals = (set: Record<string, unknown>) => refusalsOf({ stage: 'dev', ...set });

test('a setting that is not set has its default', () => {
  expect(read()).toEqual({
    stage: 'dev',
    production: false,
    auth: { type: 'iam' },
    timeZone: 'UTC',
    throttleRate: 500,
    throttleBurst: 1000,
    logRetentionDays: 90,
    logCaller: false,
    fipsEndpoint: false,
    dualstackEndpoint: false,
    probe: false,
    runbookUrl: 'docs/runbook.md',
    rollout: 'canary',
  });
});

test('the stage is prod where none is set', () => {
  const { stages } = contextOf({ stage: 'prod' });
  expect(readSettings({ stages })).toMatchObject({ stage: 'prod', production: true, probe: true });
});

test('null is not set', () => {
  expect(read({ tableName: null, jwtIssuer: null, truststoreUri: null })).toEqual(read());
});

describe('a valid value is taken', () => {
  test.each([
    ['stage', 'a', 'a'],
    ['stage', 'dev-eu-2', 'dev-eu-2'],
    ['stage', 'abcdefghij0123456789', 'abcdefghij0123456789'],
    ['auth', 'iam', { type: 'iam' }],
    ['auth', 'none', { type: 'none' }],
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
    ['reservedConcurrency', '20', 20],
    ['logRetentionDays', '1', 1],
    ['logRetentionDays', 3653, 3653],
    ['logCaller', 'true', true],
    ['logCaller', true, true],
    ['fipsEndpoint', true, true],
    ['dualstackEndpoint', 'true', true],
  ])('%s=%s', (name, text, value) => {
    expect(read({ [name]: text })).toHaveProperty(name, value);
  });

  test.each([
    ['terminals', ['terminals']],
    ['terminals, kiosks', ['terminals', 'kiosks']],
    ['["terminals","kiosks"]', ['terminals', 'kiosks']],
    [
      ['terminals', 'kiosks'],
      ['terminals', 'kiosks'],
    ],
  ])('auth=jwt with jwtAudience=%j', (jwtAudience, audiences) => {
    expect(read({ ...jwt, jwtAudience }).auth).toMatchObject({ type: 'jwt', audiences });
  });

  test('auth=jwt with jwtScopes', () => {
    expect(read({ ...jwt, jwtScopes: 'logout, admin' }).auth).toEqual({
      type: 'jwt',
      issuer: jwt.jwtIssuer,
      audiences: ['terminals'],
      scopes: ['logout', 'admin'],
    });
  });

  test('auth=lambda with authorizerArn', () => {
    expect(read(lambda).auth).toEqual({ type: 'lambda', authorizerArn: lambda.authorizerArn });
  });

  test.each(['example.com', 'a.b-c.example.museum', 'xn--caf-dma.example.com'])('domainName=%s', (name) => {
    expect(read({ ...domain, domainName: name }).domain).toMatchObject({ name });
  });

  test('certificateArn in another partition', () => {
    const certificateArn = 'arn:aws-cn:acm:cn-north-1:123456789012:certificate/abc';
    expect(read({ ...domain, certificateArn }).domain).toMatchObject({ certificateArn });
  });

  test.each([
    ['s3://trust/truststore.pem', { bucket: 'trust', key: 'truststore.pem' }],
    ['s3://my.trust-1/a/b/c.pem', { bucket: 'my.trust-1', key: 'a/b/c.pem' }],
  ])('truststoreUri=%s', (truststoreUri, truststore) => {
    expect(read({ ...domain, truststoreUri }).domain).toMatchObject({ truststore });
  });

  test('what mutual TLS makes possible', () => {
    const ownershipCertificateArn = domain.certificateArn;
    const set = { ...mutualTls, certificateSubject: 'terminal_id', ownershipCertificateArn };
    expect(read(set)).toMatchObject({
      certificateSubject: 'terminal_id',
      domain: { ownershipCertificateArn },
    });
  });

  test('tableKeyArn with tableName', () => {
    expect(read(existingTable)).toMatchObject(existingTable);
  });
});

describe('a wrong value is refused in one sentence with the setting, the value and what is allowed', () => {
  const audience = 'a text, or a list of them';
  const wholeNumber = 'a whole number of requests, 1 or more';

  test.each([
    ['auth', 'open', 'iam, jwt, lambda or none'],
    ['tableName', 'ab', 'the name of a table: 3 to 255 letters, digits, hyphens, dots and underscores'],
    ['timeZone', 'Europe/Atlantis', 'the IANA name of a time zone, such as Europe/Madrid'],
    ['throttleBurst', '0', wholeNumber],
    ['throttleBurst', ['1'], wholeNumber],
  ])('%s=%j', (name, value, allowed) => {
    expect(refusals({ [name]: value })).toEqual([
      `${name} is ${JSON.stringify(value)}, but may be ${allowed}.`,
    ]);
  });

  test.each([
    ['stage', 'Prod'],
    ['stage', '1st'],
    ['stage', 'abcdefghij0123456789x'],
    ['stage', 'dev\n'],
    ['stage', ''],
    ['production', 'yes'],
    ['auth', 'IAM'],
    ['auth', ''],
    ['auth', true],
    ['tableName', 'arn:aws:dynamodb:eu-west-1:123456789012:table/x'],
    ['tableName', true],
    ['timeZone', '+01:00'],
    ['alarmEmail', 'on-call'],
    ['alarmEmail', 'a@example.com, b@example.com'],
    ['alarmEmail', 'On Call <on-call@example.com>'],
    ['alarmEmail', ['a@example.com']],
    ['alarmEmail', '["a@example.com"]'],
    ['runbookUrl', 'http://wiki.example.com/logout'],
    ['runbookUrl', 'https://wiki.example.com/logout#alarms'],
    ['runbookUrl', 'wiki.example.com/logout'],
    ['rollout', 'allatonce'],
    ['throttleRate', '0.5'],
    ['throttleRate', '-1'],
    ['throttleRate', 'many'],
    ['throttleBurst', ''],
    ['reservedConcurrency', '0'],
    ['logRetentionDays', '91'],
    ['logRetentionDays', '9999'],
    ['logCaller', 1],
    ['fipsEndpoint', 'on'],
  ])('%s=%j', (name, value) => {
    expect(refusals({ [name]: value })).toEqual([
      expect.stringContaining(`${name} is ${JSON.stringify(value)}, but may be `),
    ]);
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

  test.each(['', ',', 'terminals,', 'a,,b', '["a"', '[]', '[1]', '[""]', [], [1], ['a', ' ']])(
    'jwtAudience=%j',
    (jwtAudience) => {
      expect(refusals({ ...jwt, jwtAudience })).toEqual([
        `jwtAudience is ${JSON.stringify(jwtAudience)}, but may be ${audience}.`,
      ]);
    },
  );

  test.each(['devices', 'arn:aws:lambda:eu-west-1:123456789012:layer:devices'])(
    'authorizerArn=%s',
    (authorizerArn) => {
      expect(refusals({ ...lambda, authorizerArn })).toEqual([
        expect.stringContaining(`authorizerArn is "${authorizerArn}", but may be the ARN of`),
      ]);
    },
  );

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
    (certificateArn) => {
      expect(refusals({ ...domain, certificateArn })).toEqual([
        `certificateArn is "${certificateArn}", but may be the ARN of a certificate in ACM.`,
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

  test.each(['alias/login', 'arn:aws:kms:eu-west-1:123456789012:alias/login'])(
    'tableKeyArn=%s',
    (tableKeyArn) => {
      expect(refusals({ ...existingTable, tableKeyArn })).toEqual([
        `tableKeyArn is "${tableKeyArn}", but may be the ARN of a key in KMS.`,
      ]);
    },
  );
});

describe('a setting that needs another one is refused without it', () => {
  test.each([
    [{ certificateArn: domain.certificateArn }, 'certificateArn', 'domainName'],
    [{ truststoreUri: mutualTls.truststoreUri }, 'truststoreUri', 'domainName'],
    [{ ...domain, certificateSubject: 'terminal_id' }, 'certificateSubject', 'truststoreUri'],
    [
      { ...domain, ownershipCertificateArn: domain.certificateArn },
      'ownershipCertificateArn',
      'truststoreUri',
    ],
    [{ tableKeyArn: existingTable.tableKeyArn }, 'tableKeyArn', 'tableName'],
  ])('%j', (set: Record<string, string>, name, required) => {
    expect(refusals(set)).toEqual([`${name} is "${set[name]}", but may be set with ${required} only.`]);
  });

  test.each(['iam', 'none', 'lambda'])('settings of tokens with auth=%s', (auth) => {
    const authorizer = auth === 'lambda' ? { authorizerArn: lambda.authorizerArn } : {};
    expect(refusals({ ...jwt, ...authorizer, jwtScopes: 'logout', auth })).toEqual([
      `jwtIssuer is "${jwt.jwtIssuer}", but may be set with auth=jwt only: auth is "${auth}".`,
      `jwtAudience is "terminals", but may be set with auth=jwt only: auth is "${auth}".`,
      `jwtScopes is "logout", but may be set with auth=jwt only: auth is "${auth}".`,
    ]);
  });

  test('authorizerArn with auth=iam', () => {
    expect(refusals({ ...lambda, auth: 'iam' })).toEqual([
      `authorizerArn is "${lambda.authorizerArn}", but may be set with auth=lambda only: auth is "iam".`,
    ]);
  });
});

describe('a setting that must be there with another one is asked for', () => {
  test.each([
    [
      { auth: 'jwt' },
      [
        'jwtIssuer is not set, but with auth=jwt it must be an https URL without query and fragment.',
        'jwtAudience is not set, but with auth=jwt it must be a text, or a list of them.',
      ],
    ],
    [
      { auth: 'lambda' },
      [
        'authorizerArn is not set, but with auth=lambda it must be the ARN of a Lambda function, of a version or of ' +
          'an alias.',
      ],
    ],
    [
      { domainName: 'logout.example.com' },
      ['certificateArn is not set, but with domainName it must be the ARN of a certificate in ACM.'],
    ],
  ])('%j', (set, sentences) => {
    expect(refusals(set)).toEqual(sentences);
  });
});

test('all wrong settings are named at once, in one order', () => {
  const wrong = { Stage: 'dev', truststoreUri: 's3://a', throttleRate: 0, timeZone: 'Mars', auth: 'jwt' };
  const named = refusals(wrong).map((sentence) => sentence.split(' ')[0]);
  expect(named).toEqual([
    'truststoreUri',
    'timeZone',
    'throttleRate',
    'jwtIssuer',
    'jwtAudience',
    'truststoreUri',
    'Stage',
  ]);
});

describe('a name that is not that of a setting is refused', () => {
  test('as a flag, with the list of the settings', () => {
    expect(refusals({ timezone: 'UTC' })).toEqual([
      expect.stringMatching(
        /^timezone is "UTC", but there is no such setting\. The settings are: stage, .*timeZone, .*rollout\.$/,
      ),
    ]);
  });

  test('in the settings of any stage, with the place', () => {
    expect(refusals({ stages: { staging: { timezone: 'UTC' } } })).toEqual([
      expect.stringContaining(
        'timezone is "UTC" in context.stages.staging of cdk.json, but there is no such setting.',
      ),
    ]);
  });

  test('stage in the settings of a stage, which its key names', () => {
    expect(refusals({ stages: { staging: { stage: 'staging' } } })).toEqual([
      expect.stringContaining('stage is "staging" in context.stages.staging of cdk.json'),
    ]);
  });

  test("CDK's own context is ignored", () => {
    const context = {
      ...flags,
      'cli-telemetry': false,
      'aws:cdk:enable-path-metadata': true,
      'availability-zones:account=123456789012:region=eu-west-1': ['eu-west-1a'],
      'hosted-zone:account=123456789012:domainName=example.com:region=eu-west-1': { Id: 'Z1' },
      'acknowledged-issue-numbers': [1],
      '@example/timezone': 'x',
    };
    expect(read(context)).toEqual(read());
  });
});

test.each(['none', ['none'], { prod: 'none' }])(
  'stages that are not settings by stage are refused (%j)',
  (stages) => {
    expect(refusals({ stages })).toEqual([
      'stages must hold an object of settings for each stage: see context.stages of cdk.json.',
    ]);
  },
);

describe('production', () => {
  test.each([
    ['prod', true],
    ['prod-eu', true],
    ['eu-production', true],
    ['live', true],
    ['live-2', true],
    ['local', false],
    ['dev', false],
    ['preprod', false],
    ['preprod-eu', false],
    ['product-demo', false],
    ['delivery', false],
  ])('is on by the name of the stage: %s %s', (stage, production) => {
    expect(readSettings(contextOf({ stage })).production).toBe(production);
  });

  test.each([
    ['prod', false],
    ['dev', true],
  ])('is a setting: %s %s', (stage, production) => {
    expect(readSettings(contextOf({ stage, production })).production).toBe(production);
  });

  test('cannot be switched off by a flag', () => {
    expect(refusalsOf({ ...contextOf({ stage: 'prod' }), production: 'false' })).toEqual([
      expect.stringContaining(
        'production is "false" by a flag and not set in context.stages.prod of cdk.json',
      ),
    ]);
  });
});

describe('at a production stage', () => {
  test('auth, tableName and timeZone must be written in cdk.json', () => {
    expect(
      refusalsOf({ stage: 'live', auth: 'iam', timeZone: 'UTC', tableName: 'login-connections' }),
    ).toEqual([
      'auth must be written in context.stages.live of cdk.json, since live is production: iam, jwt, lambda or none.',
      'tableName must be written in context.stages.live of cdk.json, since live is production: the name of a table: ' +
        '3 to 255 letters, digits, hyphens, dots and underscores, or null for a table that the stack creates.',
      'timeZone must be written in context.stages.live of cdk.json, since live is production: the IANA name of a ' +
        'time zone, such as Europe/Madrid.',
      'tableName is "login-connections" by a flag and not set in context.stages.live of cdk.json: live is ' +
        'production, so write the value there, and leave the flag out.',
    ]);
  });

  test.each([
    ['throttleRate', '1000', 'throttleRate is "1000" by a flag and not set in'],
    ['timeZone', 'Europe/Madrid', 'timeZone is "Europe/Madrid" by a flag and "UTC" in'],
    ['tableName', 'other-table', 'tableName is "other-table" by a flag and not set in'],
  ])(
    'a flag that differs from cdk.json is refused with the place to write it: %s',
    (name, value, sentence) => {
      expect(refusalsOf({ ...contextOf({}), [name]: value })).toEqual([
        `${sentence} context.stages.prod of cdk.json: prod is production, so write the value there, and leave the ` +
          'flag out.',
      ]);
    },
  );

  test('a flag that says the same as cdk.json, or the default, is taken', () => {
    const context = contextOf({ throttleRate: 1000 });
    expect(readSettings({ ...context, throttleRate: '1000', auth: 'iam' })).toEqual(readSettings(context));
  });

  test('rollout may be a flag', () => {
    expect(readSettings({ ...contextOf({}), rollout: 'allAtOnce' }).rollout).toBe('allAtOnce');
  });
});

test('at another stage a flag wins over cdk.json, and needs nothing written there', () => {
  const stages = { dev: { throttleRate: 20, timeZone: 'Europe/Madrid' } };
  expect(readSettings({ stage: 'dev', stages, throttleRate: '7' })).toMatchObject({
    throttleRate: 7,
    timeZone: 'Europe/Madrid',
  });
});
