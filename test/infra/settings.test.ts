import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { SynthError } from '../../infra/bundle.ts';
import { allowedValues, readSettings, SETTINGS } from '../../infra/settings.ts';
import { domain, existingTable, jwt, lambda, mutualTls, toContext } from './synth.ts';

type Name = keyof typeof SETTINGS.shape;
type Set = Record<string, unknown>;

/** Reads flags at a stage that is not production, so that no file is needed. */
const read = (set: Set = {}) => readSettings({ stage: 'dev', ...set });

/** The sentences with which a context is refused. */
function refusalsOf(context: Set, file?: Set): string[] {
  try {
    readSettings(context, file);
  } catch (error) {
    if (error instanceof SynthError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const refusals = (set: Set) => refusalsOf({ stage: 'dev', ...set });
const atProd = (set: Set, more: Set = {}) => refusalsOf({ ...toContext(set), ...more });

/** What else must be set for a setting to be taken. */
const NEEDED: Partial<Record<Name, Set>> = {
  jwtIssuer: jwt,
  jwtAudience: jwt,
  jwtScopes: jwt,
  authorizerArn: lambda,
  domainName: domain,
  certificateArn: domain,
  truststoreUri: domain,
  certificateSubject: mutualTls,
  ownershipCertificateArn: mutualTls,
  tableKeyArn: existingTable,
  throttleRate: { throttleBurst: 20_000 },
  throttleBurst: { throttleRate: 1 },
};

test.each<[name: Name, written: unknown, value?: unknown]>([
  ['production', 'false', false],
  ['account', '012345678901'],
  ['region', 'us-gov-west-1'],
  ['auth', 'none'],
  ['jwtIssuer', 'https://login.example.com'],
  ['jwtAudience', 'terminals', ['terminals']],
  ['jwtAudience', 'terminals, kiosks', ['terminals', 'kiosks']],
  ['jwtScopes', ['logout', 'admin']],
  ['domainName', 'a.b-c.example.museum'],
  ['domainName', 'xn--caf-dma.example.com'],
  ['certificateArn', 'arn:aws-cn:acm:cn-north-1:123456789012:certificate/abc'],
  ['truststoreUri', 's3://my.trust-1/a/b/c.pem'],
  ['certificateSubject', 'terminal_id'],
  ['tableName', 'Login_cmd.connection-2'],
  ['timeZone', 'Europe/Madrid'],
  ['alarmEmail', 'first.last+logout@mail.example.co.uk'],
  ['pageTopicArn', 'arn:aws:sns:eu-west-1:999999999999:pager'],
  ['probe', true],
  ['runbookUrl', 'https://wiki.example.com/logout?page=1'],
  ['throttleRate', '1', 1],
  ['throttleBurst', 20_000],
  ['reservedConcurrency', '7', 7],
  ['logRetentionDays', '3653', 3653],
  ['logCaller', 'true', true],
  ['rollout', 'canary'],
])('%s takes %j', (name, written, value = written) => {
  expect(read({ ...NEEDED[name], [name]: written })).toHaveProperty(name, value);
});

/** Values that are refused, by setting. */
const REFUSED: Partial<Record<Name, readonly unknown[]>> = {
  production: ['yes', 1],
  account: ['1234', 123456789012],
  region: ['eu', 'eu-west-1a'],
  auth: ['IAM', '', true],
  jwtIssuer: [
    'http://login.example.com',
    'login.example.com',
    'https://login.example.com/?tenant=1',
    'https://login.example.com/#keys',
    'https://user@login.example.com/',
    ' https://login.example.com/',
  ],
  jwtAudience: ['', 'terminals,', '["a","b"]', [], [1], ['a', ' ']],
  authorizerArn: ['devices', 'arn:aws:lambda:eu-west-1:123456789012:layer:devices'],
  domainName: ['localhost', 'Logout.example.com', '*.example.com', 'logout.example.com.', '10.0.0.1'],
  certificateArn: ['arn:aws:iam::123456789012:server-certificate/x'],
  truststoreUri: ['s3://trust', 's3://trust//a.pem', 's3://Trust/a.pem', 's3://trust/a b.pem'],
  tableName: ['ab', 'null', 'arn:aws:dynamodb:eu-west-1:123456789012:table/x', true],
  tableKeyArn: ['arn:aws:kms:eu-west-1:123456789012:alias/login'],
  timeZone: ['Europe/Atlantis', '+01:00'],
  alarmEmail: ['on-call', 'a@example.com, b@example.com', ['a@example.com']],
  runbookUrl: [
    'http://wiki.example.com/logout',
    'https://wiki.example.com/logout#alarms',
    'wiki.example.com',
  ],
  throttleRate: ['0', '0.5', '-1', 'many', '', ['1'], 0.5],
  logRetentionDays: ['91', '9999', 0],
  logCaller: [1, 'on'],
  rollout: ['allatonce'],
};

test.each(
  Object.entries(REFUSED).flatMap(([name, values]) => values.map((value) => [name as Name, value] as const)),
)('%s refuses %j, in one sentence with the value and what it may be', (name, written) => {
  expect(refusals({ ...NEEDED[name], [name]: written })).toEqual([
    `${name} is ${JSON.stringify(written)}, but may be ${allowedValues(name)}.`,
  ]);
});

test('a setting that is not set, or null, has its default', () => {
  const defaults = {
    stage: 'dev',
    production: false,
    auth: 'iam',
    timeZone: 'UTC',
    probe: false,
    runbookUrl: 'docs/runbook.md',
    throttleRate: 500,
    throttleBurst: 1000,
    logRetentionDays: 90,
    logCaller: false,
    rollout: 'allAtOnce',
  };
  expect(read()).toEqual(defaults);
  expect(read({ tableName: null, timeZone: null, probe: null })).toEqual(defaults);
});

test.each<[set: Set, refusal: string]>([
  [{ certificateArn: domain.certificateArn }, 'with domainName only.'],
  [{ truststoreUri: mutualTls.truststoreUri }, 'with domainName only.'],
  [{ ...domain, certificateSubject: 'terminal_id' }, 'with truststoreUri only.'],
  [{ ...domain, ownershipCertificateArn: domain.certificateArn }, 'with truststoreUri only.'],
  [{ tableKeyArn: existingTable.tableKeyArn }, 'with tableName only.'],
  [{ jwtScopes: 'logout' }, 'jwtScopes is ["logout"], but may be set with auth=jwt only.'],
  [{ ...lambda, auth: 'iam' }, 'with auth=lambda only.'],
  [
    { ...jwt, jwtIssuer: null },
    'jwtIssuer is not set, but must be with auth=jwt: an https URL without query',
  ],
  [
    { ...jwt, jwtAudience: null },
    'jwtAudience is not set, but must be with auth=jwt: a text, or a list of them.',
  ],
  [
    { auth: 'lambda' },
    'authorizerArn is not set, but must be with auth=lambda: the ARN of a Lambda function',
  ],
  [{ domainName: domain.domainName }, 'certificateArn is not set, but must be with domainName: the ARN of a'],
  [{ throttleRate: 20, throttleBurst: 19 }, 'throttleBurst is 19, but may be throttleRate, 20, or more.'],
  [{ throttleRate: 1001 }, 'throttleBurst is 1000, but may be throttleRate, 1001, or more.'],
  [{ ...domain, region: 'us-east-1' }, 'but may be of us-east-1 and 123456789012 only.'],
  [{ ...domain, account: '111111111111' }, 'but may be of eu-west-1 and 111111111111 only.'],
  [{ ...lambda, account: '111111111111' }, 'but may be of eu-west-1 and 111111111111 only.'],
  [
    { ...lambda, ...domain, certificateArn: domain.certificateArn.replace('eu', 'us') },
    'but may be of eu-west-1',
  ],
  [
    { pageTopicArn: 'arn:aws:sns:us-east-1:111111111111:pager', region: 'eu-west-1' },
    'but may be of eu-west-1',
  ],
])('settings that do not fit each other are refused: %j', (set, refusal) => {
  expect(refusals(set)).toEqual([expect.stringContaining(refusal)]);
});

test('a topic and a key may be of another account', () => {
  const pageTopicArn = 'arn:aws:sns:eu-west-1:111111111111:pager';
  expect(refusals({ ...existingTable, ...domain, pageTopicArn, account: '123456789012' })).toEqual([]);
});

test('all wrong settings are named at once', () => {
  expect(refusals({ timezone: 'UTC', timeZone: 'Mars', auth: 'jwks' })).toEqual([
    expect.stringMatching(/^auth is "jwks"/),
    expect.stringMatching(/^timeZone is "Mars"/),
    expect.stringMatching(
      /^timezone is "UTC", but there is no such setting: it may be stage, .*, rollout\.$/,
    ),
  ]);
});

test("CDK's own context is not taken for settings", () => {
  const context = {
    ...flags,
    'cli-telemetry': false,
    'aws:cdk:enable-path-metadata': true,
    'availability-zones:account=123456789012:region=eu-west-1': ['eu-west-1a'],
    'acknowledged-issue-numbers': [1],
    '@example/timezone': 'x',
  };
  expect(read(context)).toEqual(read());
});

test.each(['none', ['none'], { prod: 'none' }])(
  'stages that are not settings by stage are refused (%j)',
  (stages) => {
    expect(refusals({ stages })).toEqual([expect.stringMatching(/^stages is/)]);
  },
);

describe('the stage', () => {
  test('is prod where none is set', () => {
    const { stages } = toContext({ stage: 'prod' });
    expect(readSettings({ stages })).toMatchObject({ stage: 'prod', production: true });
  });

  test.each(['prd', 'stagng', 'constructor', 'Dev', 'dev ', ''])(
    '%j is refused, since it is in no file',
    (stage) => {
      expect(atProd({ stage: 'prod' }, { stage })).toEqual([
        `stage is "${stage}", but may be dev, local, prod, or more in cdk.json.`,
      ]);
    },
  );

  test.each(['1st', 'Dev', 'abcdefghij0123456789x'])('%j is refused in cdk.json', (stage) => {
    expect(refusalsOf(toContext({ stage }))).toEqual([
      `stage is "${stage}", but may be ${allowedValues('stage')}.`,
    ]);
  });

  test.each(Object.keys(cdkJson.context.stages))('%s of cdk.json is accepted', (stage) => {
    expect(readSettings({ ...cdkJson.context, stage })).toHaveProperty('stage', stage);
  });
});

describe('production', () => {
  test.each([
    ['prod', true],
    ['eu-production', true],
    ['live-2', true],
    ['staging', false],
    ['preprod-eu', false],
    ['delivery', false],
  ])('follows from the name of the stage: %s %s', (stage, production) => {
    const rollout = production ? 'canary' : 'allAtOnce';
    expect(readSettings(toContext({ stage }))).toMatchObject({ production, probe: production, rollout });
    expect(readSettings(toContext({ stage, production: !production }))).toMatchObject({
      production: !production,
    });
  });

  test('takes auth, tableName and timeZone from cdk.json only', () => {
    expect(refusalsOf({ stages: { prod: {} } })).toEqual(
      ['auth', 'tableName', 'timeZone'].map((name) =>
        expect.stringMatching(
          `^${name} is not set, but must be in context.stages.prod of cdk.json, since prod is`,
        ),
      ),
    );
  });

  test.each(Object.keys(SETTINGS.shape).filter((name) => !['stage', 'rollout'].includes(name)))(
    'refuses the flag %s, also with the value of the file',
    (name) => {
      expect(atProd({}, { [name]: 'any' })).toContainEqual(
        expect.stringMatching(
          `^${name} is .* by a flag or another file, but may be set only in context.stages.prod of cdk.json`,
        ),
      );
    },
  );

  test('cannot be switched off or on by a flag', () => {
    expect(atProd({ stage: 'prod' }, { production: 'false' })).toEqual([
      expect.stringMatching(/^production is "false" by a flag/),
    ]);
    expect(refusals({ production: 'true' })).toContainEqual(
      expect.stringMatching(/^production is "true" by a flag/),
    );
  });

  test('takes rollout as a flag', () => {
    expect(readSettings({ ...toContext({}), rollout: 'allAtOnce' }).rollout).toBe('allAtOnce');
  });

  test('refuses what another file than cdk.json adds, changes or removes, such as ~/.cdk.json', () => {
    const { stages } = toContext({ throttleRate: 100 }) as { stages: { prod: Set } };
    const differing = {
      prod: { ...stages.prod, probe: false, timeZone: 'Europe/Madrid', production: false },
    };
    expect(refusalsOf({ stages: differing }, stages)).toEqual([
      expect.stringMatching(
        /^timeZone is "Europe\/Madrid" by a flag or another file, but may be set only in context\.stages/,
      ),
      expect.stringMatching(/^probe is false by a flag or another file/),
      expect.stringMatching(/^production is false by a flag or another file/),
    ]);
    expect(refusalsOf({ stages }, stages)).toEqual([]);
  });
});

test('at a stage that is not production a flag wins over cdk.json', () => {
  const stages = { dev: { throttleRate: 20, timeZone: 'Europe/Madrid' } };
  expect(readSettings({ stage: 'dev', stages, throttleRate: '7' })).toMatchObject({
    throttleRate: 7,
    timeZone: 'Europe/Madrid',
  });
});

test('docs/settings.md shows every setting: npx vitest -u writes it', async () => {
  const rows = (Object.keys(SETTINGS.shape) as Name[]).map((name) => {
    const schema = SETTINGS.shape[name];
    const value = schema.safeParse(undefined).data;
    return `| \`${name}\` | ${value === undefined ? '' : `\`${value}\` `}| ${allowedValues(name)} | ${schema.description} |`;
  });
  const page = [
    '# Settings',
    '',
    'Made from `infra/settings.ts` by a test: `npx vitest -u`. [Deploying](deploying.md) says where they stand.',
    '',
    '| setting | default | may be | what it does |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
  await expect(page.join('\n')).toMatchFileSnapshot('../../docs/settings.md');
});

const deploying = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8');
/** Every block of JSON in the document. It shows a part of `cdk.json`. */
const examples = [...deploying.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json));

test.each(examples)('docs/deploying.md shows stages whose settings are accepted (%#)', ({ context }) => {
  expect(Object.keys(context.stages).length).toBeGreaterThan(0);
  for (const stage of Object.keys(context.stages)) {
    expect(readSettings({ ...context, stage })).toHaveProperty('stage', stage);
  }
});
