import { isDeepStrictEqual } from 'node:util';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import { isTimeZone } from '../lambda/domain/process-time-zone.ts';
import { SynthError } from './bundle.ts';

/** The numbers of days that CloudWatch can keep a log for. "Never delete" is not among them. */
const RETENTIONS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

// Kinds of values, as cdk.json has them and as the text of `-c name=value`. `allowed` ends the sentence of a refusal.
const text = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed);
const arn = (service: string, name: string, allowed: string) =>
  text(new RegExp(`^arn:aws(-[a-z]+)*:${service}:[a-z0-9-]+:\\d{12}:${name}$`), allowed);
const account = text(/^\d{12}$/, 'the 12 digits of an AWS account, in quotes');
const region = text(/^[a-z-]+-\d$/, 'an AWS region, such as eu-west-1');
const hostName = text(
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/,
  'a host name in lower case, such as logout.example.com',
);
const issuer = text(/^https:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/, 'an https URL without query and fragment');
const lambda = arn('lambda', 'function:[\\w-]{1,64}(:[\\w-]+)?', 'the ARN of a Lambda function or alias');
const subject = z.literal('terminal_id', 'terminal_id');
const key = arn('kms', 'key/[A-Za-z0-9-]+', 'the ARN of a key in KMS');
const topic = arn('sns', '[\\w-]{1,256}', 'the ARN of an SNS topic');
const certificate = arn('acm', 'certificate/[A-Za-z0-9-]+', 'the ARN of a certificate in ACM');
const email = z.email('an e-mail address');
const boolean = z
  .literal([true, false, 'true', 'false'], 'true or false')
  .transform((v) => String(v) === 'true');
const wholeNumber = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  text(/^[1-9]\d{0,8}$/, 'a whole number, 1 or more').transform(Number),
);
const list = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : value),
  z.array(text(/^[^\s"[\]]+$/, 'a text, or a list of them'), 'a text, or a list of them').min(1),
);
const zone = z.string().refine(isTimeZone, 'the IANA name of a time zone, such as Europe/Madrid');

const optional = <T extends z.ZodType>(schema: T, does: string) => schema.optional().describe(does);

/** Every setting as a deployer writes it, in the order of refusals. docs/settings.md is made of it. */
export const SETTINGS = z.object({
  stage: text(/^[a-z][a-z0-9-]{0,19}$/, '20 lower-case letters, digits and hyphens at most, a letter first')
    .default('prod')
    .describe("Part of the stack's name, and a tag. `local` is what `npm start` uses."),
  production: optional(
    boolean,
    'Protects stack, table, logs and versions from deletion. On where a part of `stage` between hyphens is `prod`, `production` or `live`.',
  ),
  account: optional(account, 'Where the stage lives: credentials of another account are refused.'),
  region: optional(region, 'Where the stage lives, whatever region the shell names.'),
  auth: z
    .enum(['iam', 'jwt', 'lambda', 'none'], 'iam, jwt, lambda or none')
    .default('iam')
    .describe('[Who may call](deploying.md#who-may-call). Synth warns about `none` without mutual TLS.'),
  jwtIssuer: optional(issuer, 'The `iss` claim of the tokens.'),
  jwtAudience: optional(list, "A token's `aud` or `client_id` claim must be one of them."),
  jwtScopes: optional(list, 'A token must have one of these scopes.'),
  authorizerArn: optional(lambda, 'A Lambda authorizer with simple responses, cached for a minute.'),
  domainName: optional(hostName, 'A host name of your own. Its DNS record leads to the output `DnsTarget`.'),
  certificateArn: optional(certificate, 'The certificate of `domainName`.'),
  truststoreUri: optional(
    text(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s/]\S{0,1023}$/, 's3://, a bucket, / and a key'),
    'Mutual TLS: terminals must show a certificate of an authority in this PEM file. The default endpoint is then off. The gateway keeps a copy, so a new file needs a new key.',
  ),
  certificateSubject: optional(subject, "A certificate's common name must be the connection's terminal."),
  ownershipCertificateArn: optional(
    certificate,
    'A public certificate of ACM, where `certificateArn` is imported or of a private authority.',
  ),
  tableName: optional(
    text(/^(?!null$)[\w.-]{3,255}$/, 'a name of 3 to 255 of A-Z, a-z, 0-9 and _.-, or null without quotes'),
    "An existing table, the login service's. `null`: the stack creates one.",
  ),
  tableKeyArn: optional(key, "The customer's key of `tableName`, which its policy lets `FunctionRole` use."),
  timeZone: zone.default('UTC').describe("The zone of dates without an offset, and of the service's own."),
  alarmEmail: optional(email, 'Gets the alarms. Without it or `pageTopicArn` only production has some.'),
  pageTopicArn: optional(topic, 'An existing topic for pages, which its policy lets CloudWatch publish to.'),
  probe: optional(boolean, 'Sends a request through the public URL every minute. On in production.'),
  runbookUrl: text(/^(https:\/\/[^\s#]+|[\w-][\w./-]*\.md)$/, 'an https URL or a .md path, without #')
    .default('docs/runbook.md')
    .describe("The base of the links in the alarms' texts: `#` and a section are appended."),
  throttleRate: wholeNumber.default(500).describe('Requests a second of all callers. Others get 429.'),
  throttleBurst: wholeNumber.default(1000).describe('Requests at once: `throttleRate` or more.'),
  reservedConcurrency: optional(wholeNumber, 'How many environments of the function may run at once.'),
  logRetentionDays: z
    .literal([...RETENTIONS, ...RETENTIONS.map(String)], `days CloudWatch knows: ${RETENTIONS.join(', ')}`)
    .transform((days): RetentionDays => Number(days))
    .default(RetentionDays.THREE_MONTHS)
    .describe('Days after which a log line is deleted, such as 30, 90 or 365.'),
  logCaller: boolean.default(false).describe("The access log holds the caller's ARN (with `auth` `iam`)."),
  rollout: optional(
    z.enum(['canary', 'allAtOnce'], 'canary or allAtOnce'),
    'How a new version [takes over](deploying.md#rollout). `canary` in production, else `allAtOnce`.',
  ),
});

type Name = keyof typeof SETTINGS.shape;
type Values = Readonly<z.output<typeof SETTINGS>>;
/** Values by the name of a setting, as a deployer wrote them. */
type Written = Readonly<Record<string, unknown>>;

/** What the stack is built from: checked values, and those that follow from them. Alarms need someone who hears them. */
export interface Settings extends Values {
  readonly production: boolean;
  readonly probe: boolean;
  readonly rollout: 'canary' | 'allAtOnce';
  readonly hasAlarms: boolean;
}

/** Each is refused without the other, or that value of it. Those with `true` must be there with it. */
const DEPENDENCIES: readonly [name: Name, needs: Name, value?: string | undefined, isMandatory?: true][] = [
  ['jwtIssuer', 'auth', 'jwt', true],
  ['jwtAudience', 'auth', 'jwt', true],
  ['jwtScopes', 'auth', 'jwt'],
  ['authorizerArn', 'auth', 'lambda', true],
  ['certificateArn', 'domainName', undefined, true],
  ['truststoreUri', 'domainName'],
  ['certificateSubject', 'truststoreUri'],
  ['ownershipCertificateArn', 'truststoreUri'],
  ['tableKeyArn', 'tableName'],
];

/** CDK's own context: the names of its flags and look-ups hold one of `:/@`. */
const CDK_CONTEXT = /[:/@]|^(cli-telemetry|acknowledged-issue-numbers)$/;

/** What a setting may be: the empty text is not a value of any. */
export const allowedValues = (name: Name) =>
  SETTINGS.shape[name].safeParse('').error?.issues[0]?.message ?? '';

const describe = (name: string, set: Written) => `${name} is ${JSON.stringify(set[name]) ?? 'not set'}`;

/**
 * Reads and checks all settings of a stage.
 *
 * @param context the whole CDK context: `stages`, which holds the settings of each stage by its name, and flags, as
 *   `-c name=value` adds them. A flag wins, and is refused at a production stage. `null` is not set.
 * @param file `stages` of `cdk.json` itself. The command line merges other files into the context, such as
 *   `~/.cdk.json`: a production stage for which they say something else is refused. Default: `stages`.
 * @throws {SynthError} a sentence about each value that is wrong or missing.
 */
export function readSettings({ stages: merged = {}, ...context }: Written, file?: Written): Settings {
  const stages = z.record(z.string(), z.record(z.string(), z.unknown())).safeParse(merged).data;
  if (!stages) throw new SynthError('stages is wrong, but may be settings by stage: see cdk.json.');
  const flags = Object.fromEntries(Object.entries(context).filter(([name]) => !CDK_CONTEXT.test(name)));
  const stage = String(flags.stage ?? 'prod');
  const known = [...new Set(['dev', 'local', ...Object.keys(stages)])];
  if (!known.includes(stage)) {
    throw new SynthError(`stage is "${stage}", but may be ${known.join(', ')}, or more in cdk.json.`);
  }
  const written = stages[stage] ?? {};
  const set: Written = Object.fromEntries(
    Object.entries({ ...written, ...flags, stage }).filter(([, value]) => value != null),
  );
  const names = Object.keys(SETTINGS.shape);
  const { data, error } = SETTINGS.safeParse(set);
  const byName = /(^|-)(prod|production|live)(-|$)/.test(stage);
  const own = ((file ?? stages)[stage] ?? {}) as Written;
  const production = [own, set].some((one) => String(one.production ?? byName) === 'true');
  const refusals = [
    ...(error?.issues ?? []).map(
      ({ path: [name = ''], message }) => `${describe(String(name), set)}, but may be ${message}.`,
    ),
    ...Object.keys(set)
      .filter((name) => !names.includes(name))
      .map((name) => `${describe(name, set)}, but there is no such setting: it may be ${names.join(', ')}.`),
    ...(data ? checkTogether(data) : []),
    ...(production ? checkProduction(stage, own, written, flags) : []),
  ];
  if (data === undefined || refusals.length > 0) throw new SynthError([...new Set(refusals)].join('\n'));
  const rollout = data.rollout ?? (production ? 'canary' : 'allAtOnce');
  const hasAlarms = production || data.alarmEmail !== undefined || data.pageTopicArn !== undefined;
  if (!hasAlarms && (data.probe || rollout === 'canary')) {
    const name = data.probe ? 'probe=true' : 'rollout=canary';
    throw new SynthError(`${name} needs alarms: set alarmEmail or pageTopicArn too.`);
  }
  return { ...data, production, probe: data.probe ?? production, rollout, hasAlarms };
}

/** What a production stage must have in `cdk.json`, and may have nowhere else. */
function checkProduction(stage: string, own: Written, merged: Written, flags: Written): string[] {
  const place = `in context.stages.${stage} of cdk.json, since ${stage} is production`;
  const missing = (['auth', 'tableName', 'timeZone'] as const).filter((name) => own[name] === undefined);
  const isFlag = (name: string) => name in flags && name !== 'stage' && name !== 'rollout';
  const elsewhere = { ...merged, ...flags };
  const others = Object.keys({ ...own, ...elsewhere }).filter(
    (name) => isFlag(name) || !isDeepStrictEqual(own[name], merged[name]),
  );
  return [
    ...missing.map((name) => `${name} is not set, but must be ${place}: ${allowedValues(name)}.`),
    ...others.map(
      (name) => `${describe(name, elsewhere)} by a flag or another file, but may be set only ${place}.`,
    ),
  ];
}

/** Settings that need each other, and those that do not fit each other. */
function checkTogether(set: Values): string[] {
  const refusals = DEPENDENCIES.flatMap(([name, needs, value, isMandatory]) => {
    const isMet = value === undefined ? set[needs] !== undefined : set[needs] === value;
    const condition = value === undefined ? needs : `${needs}=${value}`;
    if (!isMet && set[name] !== undefined)
      return `${describe(name, set)}, but may be set with ${condition} only.`;
    const isMissing = isMet && isMandatory && set[name] === undefined;
    return isMissing ? `${name} is not set, but must be with ${condition}: ${allowedValues(name)}.` : [];
  });
  if (set.throttleBurst < set.throttleRate) {
    refusals.push(
      `${describe('throttleBurst', set)}, but may be throttleRate, ${set.throttleRate}, or more.`,
    );
  }
  // All of the stack's region, and what the gateway uses of its account too: where it names none, of the first ARN's.
  let { region, account } = set;
  for (const [name, value] of Object.entries(set)) {
    const [scheme, , service = '', arnRegion, arnAccount] = String(value).split(':');
    if (scheme !== 'arn') continue;
    const isOfAccount = ['acm', 'lambda'].includes(service);
    region ??= arnRegion;
    if (isOfAccount) account ??= arnAccount;
    if (arnRegion !== region || (isOfAccount && arnAccount !== account)) {
      refusals.push(
        `${describe(name, set)}, but may be of ${isOfAccount ? `${region} and ${account}` : region} only.`,
      );
    }
  }
  return refusals;
}
