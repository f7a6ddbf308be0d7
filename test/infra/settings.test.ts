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

describe('settings that need each other are put together', () => {
  test('auth=jwt', () => {
    expect(read({ ...jwt, jwtScopes: 'logout, admin' }).auth).toEqual({
      type: 'jwt',
      issuer: jwt.jwtIssuer,
      audiences: ['terminals'],
      scopes: ['logout', 'admin'],
    });
  });

  test('auth=lambda', () => {
    expect(read(lambda).auth).toEqual({ type: 'lambda', authorizerArn: lambda.authorizerArn });
  });

  test('a domain with mutual TLS', () => {
    const ownershipCertificateArn = domain.certificateArn;
    expect(read({ ...mutualTls, certificateSubject: 'terminal_id', ownershipCertificateArn })).toMatchObject({
      certificateSubject: 'terminal_id',
      domain: {
        name: domain.domainName,
        certificateArn: domain.certificateArn,
        truststore: { bucket: 'trust', key: 'terminals/truststore.pem' },
        ownershipCertificateArn,
      },
    });
  });

  test('an existing table with its key', () => {
    expect(read(existingTable)).toMatchObject(existingTable);
  });
});

test.each([
  ['auth', 'open', 'iam, jwt, lambda or none'],
  ['tableName', true, 'the name of a table: 3 to 255 letters, digits, hyphens, dots and underscores'],
  ['throttleBurst', ['1'], 'a whole number of requests, 1 or more'],
])('a wrong value is refused in one sentence with what is allowed: %s=%j', (name, value, allowed) => {
  expect(refusals({ [name]: value })).toEqual([
    `${name} is ${JSON.stringify(value)}, but may be ${allowed}.`,
  ]);
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
