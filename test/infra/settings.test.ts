import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { SynthError } from '../../infra/bundle.ts';
import { allowedValues, readSettings, SETTINGS } from '../../infra/settings.ts';
import { domain, existingTable, jwt, lambda, mutualTls, toContext } from './synth.ts';

type Name = keyof typeof SETTINGS.shape;
type SettingValues = Record<string, unknown>;
const names = Object.keys(SETTINGS.shape) as Name[];

/** The sentences with which a context is refused. */
function refuse(context: SettingValues, file?: SettingValues): string[] {
  try {
    readSettings(context, file);
  } catch (error) {
    if (error instanceof SynthError) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** Flags at a stage that is not production, so that no file is needed. */
const atDev = (set: SettingValues) => ({ stage: 'dev', ...set });

test.each<[name: Name, written: unknown, value?: unknown]>([
  ['jwtAudience', 'terminals, kiosks', ['terminals', 'kiosks']],
  ['jwtScopes', ['logout'], ['logout']],
  ['domainName', 'xn--caf-dma.b-c.museum'],
  ['certificateArn', 'arn:aws-cn:acm:eu-west-1:123456789012:certificate/abc'],
  ['truststoreUri', 's3://my.trust-1/a/b/c.pem'],
  ['tableName', 'Login_cmd.connection-2'],
  ['timeZone', 'Europe/Madrid'],
  ['alarmEmail', 'first.last+logout@mail.example.co.uk'],
  ['runbookUrl', 'https://wiki.example.com/logout?page=1'],
  ['throttleRate', '1', 1],
  ['logRetentionDays', '3653', 3653],
  ['probe', 'false', false],
])('%s takes %j', (name, written, value = written) => {
  const set = { ...jwt, ...mutualTls, ...existingTable, [name]: written };
  expect(readSettings(atDev(set))).toHaveProperty(name, value);
});

test.each<[name: Name, ...values: unknown[]]>([
  ['production', 'yes', 1],
  ['account', '1234', 123456789012],
  ['region', 'eu', 'eu-west-1a'],
  ['auth', 'IAM', '', true],
  ['jwtIssuer', 'http://login.example.com', 'login.example.com', 'https://login.example.com/?tenant=1'],
  ['jwtIssuer', 'https://login.example.com/#keys', 'https://me@login.example.com/', ' https://a.example'],
  ['jwtAudience', '', 'terminals,', '["a","b"]', [], [1], ['a', ' ']],
  ['authorizerArn', 'devices', 'arn:aws:lambda:eu-west-1:123456789012:layer:devices'],
  ['domainName', 'localhost', 'Logout.example.com', '*.example.com', 'logout.example.com.', '10.0.0.1'],
  ['certificateArn', 'arn:aws:iam::123456789012:server-certificate/x'],
  ['truststoreUri', 's3://trust', 's3://trust//a.pem', 's3://Trust/a.pem', 's3://trust/a b.pem'],
  ['tableName', 'ab', 'null', 'arn:aws:dynamodb:eu-west-1:123456789012:table/x', true],
  ['tableKeyArn', 'arn:aws:kms:eu-west-1:123456789012:alias/login'],
  ['timeZone', 'Europe/Atlantis', '+01:00', 'europe/madrid'],
  ['alarmEmail', 'on-call', 'a@example.com, b@example.com', ['a@example.com']],
  ['runbookUrl', 'http://wiki.example.com', 'https://wiki.example.com/logout#alarms', 'wiki.example.com'],
  ['throttleRate', '0', '0.5', '-1', 'many', '', ['1'], 0.5],
  ['logRetentionDays', '91', '9999', 0, true, [30], '0x1e', '3e1'],
  ['logCaller', 1, 'on'],
  ['rollout', 'allatonce'],
])('%s refuses other values, in one sentence with the value and what it may be', (name, ...values) => {
  for (const value of values) {
    expect(refuse(atDev({ [name]: value }))).toEqual([
      `${name} is ${JSON.stringify(value)}, but may be ${allowedValues(name)}.`,
    ]);
  }
});

test.each<[name: Name, longest: number, write: (length: number) => string]>([
  ['stage', 20, (length) => 's'.repeat(length)],
  ['authorizerArn', 64, (length) => `arn:aws:lambda:eu-west-1:123456789012:function:${'f'.repeat(length)}`],
  ['domainName', 253, (length) => `${'d.'.repeat(125)}${'e'.repeat(length - 250)}`],
  ['truststoreUri', 63, (length) => `s3://${'b'.repeat(length)}/key`],
  ['truststoreUri', 1_024, (length) => `s3://bucket/${'k'.repeat(length)}`],
  ['tableName', 255, (length) => 't'.repeat(length)],
  ['pageTopicArn', 256, (length) => `arn:aws:sns:eu-west-1:123456789012:${'p'.repeat(length)}`],
  ['reservedConcurrency', 9, (length) => '9'.repeat(length)],
])(
  'the longest value that %s takes has %i characters, without what stands around it',
  (name, longest, write) => {
    const isTaken = (length: number) => SETTINGS.shape[name].safeParse(write(length)).success;
    expect([isTaken(longest), isTaken(longest + 1)]).toEqual([true, false]);
  },
);

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
    hasAlarms: false,
  };
  expect(readSettings(atDev({}))).toEqual(defaults);
  expect(readSettings(atDev({ tableName: null, timeZone: null, probe: null }))).toEqual(defaults);
  const heard = readSettings(atDev({ alarmEmail: 'a@example.com' }));
  expect(heard).toEqual({ ...defaults, alarmEmail: 'a@example.com', hasAlarms: true });
});

const american = domain.certificateArn.replace('eu-west', 'us-west');
const pager = 'arn:aws:sns:eu-west-1:111111111111:pager';

test.each<[set: SettingValues, refusal: string]>([
  [{ certificateArn: domain.certificateArn }, 'with domainName only.'],
  [{ truststoreUri: mutualTls.truststoreUri }, 'with domainName only.'],
  [{ ...domain, certificateSubject: 'terminal_id' }, 'with truststoreUri only.'],
  [{ ...domain, ownershipCertificateArn: domain.certificateArn }, 'with truststoreUri only.'],
  [{ tableKeyArn: existingTable.tableKeyArn }, 'with tableName only.'],
  [{ jwtScopes: 'logout' }, 'jwtScopes is ["logout"], but may be set with auth=jwt only.'],
  [{ ...lambda, auth: 'iam' }, 'with auth=lambda only.'],
  [{ ...jwt, jwtIssuer: null }, 'jwtIssuer is not set, but must be with auth=jwt: an https URL'],
  [{ ...jwt, jwtAudience: null }, 'jwtAudience is not set, but must be with auth=jwt: a text'],
  [{ auth: 'lambda' }, 'authorizerArn is not set, but must be with auth=lambda: the ARN'],
  [{ domainName: domain.domainName }, 'certificateArn is not set, but must be with domainName: the'],
  [{ throttleRate: 1001 }, 'throttleBurst is 1000, but may be throttleRate, 1001, or more.'],
  [{ ...domain, region: 'us-east-1' }, 'but may be of us-east-1 and 123456789012 only.'],
  [{ ...lambda, account: '111111111111' }, 'but may be of eu-west-1 and 111111111111 only.'],
  [{ ...lambda, ...domain, certificateArn: american }, 'but may be of eu-west-1 and 123456789012 only.'],
  [{ pageTopicArn: pager, region: 'us-east-1' }, 'but may be of us-east-1 only.'],
  [{ rollout: 'canary' }, 'rollout=canary needs alarms: set alarmEmail or pageTopicArn too.'],
  [{ probe: true }, 'probe=true needs alarms: set alarmEmail or pageTopicArn too.'],
])('settings that do not fit each other are refused: %j', (set, refusal) => {
  expect(refuse(atDev(set))).toEqual([expect.stringContaining(refusal)]);
});

test('a topic and a key of the table may be of another account', () => {
  const tableKeyArn = existingTable.tableKeyArn.replace('123456789012', '111111111111');
  const set = { ...domain, ...existingTable, tableKeyArn, pageTopicArn: pager, account: '123456789012' };
  expect(refuse(atDev(set))).toEqual([]);
});

test('a region and an ARN may be of another partition', () => {
  const pageTopicArn = 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:pager';
  expect(refuse(atDev({ region: 'us-gov-west-1', pageTopicArn }))).toEqual([]);
});

test('all wrong settings and unknown names are refused at once', () => {
  expect(refuse(atDev({ timezone: 'UTC', timeZone: 'Mars', auth: 'jwks' }))).toEqual([
    expect.stringMatching(/^auth is "jwks"/),
    expect.stringMatching(/^timeZone is "Mars"/),
    `timezone is "UTC", but there is no such setting: it may be ${names.join(', ')}.`,
  ]);
});

test("CDK's own context is not taken for settings", () => {
  const lookUp = 'availability-zones:account=123456789012:region=eu-west-1';
  const context = { ...flags, 'cli-telemetry': false, [lookUp]: ['a'], 'acknowledged-issue-numbers': [1] };
  expect(readSettings(atDev(context))).toEqual(readSettings(atDev({})));
});

test.each(['none', ['none'], { prod: 'none' }])(
  'stages that are not settings by stage are refused (%j)',
  (stages) => {
    expect(refuse(atDev({ stages }))).toEqual([expect.stringMatching(/^stages is/)]);
  },
);

test.each(['prd', 'stagng', 'constructor', 'Dev', ''])(
  'the stage %j is refused, since it is in no file',
  (stage) => {
    expect(refuse({ ...toContext({}), stage })).toEqual([
      `stage is "${stage}", but may be dev, local, prod, or more in cdk.json.`,
    ]);
  },
);

test.each(['1st', 'Dev', 'abcdefghij0123456789x'])('the stage %s is refused in cdk.json too', (stage) => {
  expect(refuse(toContext({ stage }))).toEqual([
    `stage is "${stage}", but may be ${allowedValues('stage')}.`,
  ]);
});

test.each(Object.keys(cdkJson.context.stages))(
  'the stage %s of cdk.json is accepted, and where it is production not open to anyone',
  (stage) => {
    const { production, auth, truststoreUri } = readSettings({ ...cdkJson.context, stage });
    expect(production && auth === 'none' && truststoreUri === undefined).toBe(false);
  },
);

describe('production', () => {
  test.each([
    ['prod', true],
    ['eu-production', true],
    ['live-2', true],
    ['staging', false],
    ['preprod-eu', false],
    ['delivery', false],
    ['products', false],
  ])('follows from the name of the stage where the file does not say: %s %s', (stage, production) => {
    const rollout = production ? 'canary' : 'allAtOnce';
    expect(readSettings(toContext({ stage }))).toMatchObject({ production, probe: production, rollout });
    expect(readSettings(toContext({ stage, production: null })).production).toBe(production);
    expect(readSettings(toContext({ stage, production: !production })).production).toBe(!production);
  });

  test('needs auth, tableName and timeZone in cdk.json, and is the stage where none is named', () => {
    expect(refuse({ stages: { prod: {} } })).toEqual(
      ['auth', 'tableName', 'timeZone'].map((name) =>
        expect.stringMatching(
          `^${name} is not set, but must be in context.stages.prod of cdk.json, since prod`,
        ),
      ),
    );
  });

  test.each(names.filter((name) => name !== 'stage' && name !== 'rollout'))('refuses the flag %s', (name) => {
    expect(refuse({ ...toContext({}), [name]: 'none' })).toContainEqual(
      `${name} is "none" by a flag or another file, but may be set only in context.stages.prod of cdk.json, since prod is production.`,
    );
  });

  test('cannot be switched off or on by a flag', () => {
    const sentence = /^production is "(true|false)" by a flag/;
    expect(refuse({ ...toContext({}), production: 'false' })).toEqual([expect.stringMatching(sentence)]);
    expect(refuse(atDev({ production: 'true' }))).toContainEqual(expect.stringMatching(sentence));
  });

  test('takes rollout as a flag', () => {
    expect(readSettings({ ...toContext({}), rollout: 'allAtOnce' }).rollout).toBe('allAtOnce');
  });

  test('refuses what another file than cdk.json adds, changes or removes, such as ~/.cdk.json', () => {
    const { stages } = toContext({ throttleRate: 100 }) as { stages: { prod: SettingValues } };
    const { throttleRate: _, ...rest } = stages.prod;
    const merged = { prod: { ...rest, production: false, timeZone: 'Europe/Madrid', rollout: 'allAtOnce' } };
    const named = refuse({ stages: merged }, stages).map((sentence) => sentence.split(' by ')[0]);
    expect(named.toSorted()).toEqual([
      'production is false',
      'rollout is "allAtOnce"',
      'throttleRate is not set',
      'timeZone is "Europe/Madrid"',
    ]);
    expect(refuse({ stages }, stages)).toEqual([]);
  });
});

test('at a stage that is not production a flag wins over cdk.json', () => {
  const stages = { dev: { throttleRate: 20, timeZone: 'Europe/Madrid' } };
  const read = readSettings({ stage: 'dev', stages, throttleRate: '7' });
  expect(read).toMatchObject({ throttleRate: 7, timeZone: 'Europe/Madrid' });
});

test('docs/settings.md shows every setting: npx vitest run -u writes it', async () => {
  const rows = names.map((name) => {
    const schema = SETTINGS.shape[name];
    const value = schema.safeParse(undefined).data;
    return `| \`${name}\` | ${value === undefined ? '' : `\`${value}\` `}| ${schema.description} |`;
  });
  const page = `# Settings

Made from \`infra/settings.ts\` by \`npx vitest run -u\`. [Deploying](deploying.md#settings) says where they stand. A value that is refused is named with what it may be.

| setting | default | what it does |
|---|---|---|
${rows.join('\n')}
`;
  await expect(page).toMatchFileSnapshot('../../docs/settings.md');
});

test('docs/deploying.md shows a stage whose settings are accepted', () => {
  const deploying = readFileSync(join(import.meta.dirname, '../../docs/deploying.md'), 'utf8');
  const [, json = ''] = /```json\n(.*?)```/s.exec(deploying) ?? [];
  expect(readSettings(JSON.parse(json).context)).toMatchObject({ stage: 'prod', auth: 'jwt' });
});
