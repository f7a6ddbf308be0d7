import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  commaList,
  hostName,
  issuerUrl,
  matching,
  oneOf,
  page,
  retention,
  retentions,
  s3Object,
  type Truststore,
  wholeNumber,
  zoneName,
} from './setting-values.ts';
import { SynthError } from './synth-error.ts';

/** Callers show a JSON Web Token, which the gateway checks. */
interface JwtAuth {
  /** The `iss` claim of the tokens, an `https` URL. The gateway reads the issuer's keys below it. */
  readonly issuer: string;
  /** A token must be meant for one of these: its `aud` or `client_id` claim. At least one. */
  readonly audience: readonly string[];
}

/** A host name of the deployer's own. */
export interface Domain {
  /** The host name. */
  readonly name: string;
  /** The ARN of its certificate in ACM, in the stack's region. */
  readonly certificateArn: string;
  /** Turns mutual TLS on. Absent: terminals show no certificate. */
  readonly truststore?: Truststore;
}

/** What the stack is built from: every value checked, and those that need each other together. */
export interface Settings {
  /** Part of the stack's name, a tag of every resource, and the function's `STAGE`. */
  readonly stage: string;
  /**
   * Whether terminals depend on this stage: `prod`, and every name that begins so, such as `prod-eu`. Its stack cannot
   * be deleted by accident and its table and logs outlive it. Any other stage goes away whole.
   */
  readonly production: boolean;
  /** Who may call: holders of AWS credentials (`iam`), of a token (`JwtAuth`), or anybody (`none`). */
  readonly auth: 'iam' | 'none' | JwtAuth;
  /** The host name that terminals call. Absent: the gateway's own. */
  readonly domain?: Domain;
  /** A table that exists, in the stack's account and region. Absent: the stack makes one. */
  readonly tableName?: string;
  /** The IANA name of the zone of dates that come without an offset. */
  readonly timeZone: string;
  /** Who gets a mail when an alarm fires. Absent: nobody. */
  readonly alarmEmail?: string;
  /** Where the runbook is read: a URL or a path in the repository, to which `#` and a section are appended. */
  readonly runbookUrl: string;
  /** Requests a second that the gateway lets through, of all callers together. */
  readonly throttleRate: number;
  /** Requests that the gateway lets through at once before `throttleRate` counts. */
  readonly throttleBurst: number;
  /** Days after which a log line is deleted. */
  readonly logRetentionDays: RetentionDays;
  /** How a new version takes over: first a tenth of the traffic, watched by alarms (`canary`), or at once. */
  readonly rollout: 'canary' | 'allAtOnce';
}

/** One setting as a deployer writes it: in the context of `cdk.json`, or as `-c name=value`. */
export interface Definition<T> {
  /** The value where none is written, as a deployer would write it. Absent: there is none. */
  readonly fallback?: string;
  /** What the value may be. Ends the sentence `… is "x", but may be …`. */
  readonly may: string;
  /** What it does, in sentences. They stand in the table of `docs/deploying.md`. */
  readonly does: string;
  /** Takes the text to the value, or to `undefined` if it is refused. */
  readonly read: (text: string) => T | undefined;
}

/** Every setting, in the order in which refusals name them. A new one is added here and to {@link Settings}. */
export const definitions = {
  stage: {
    fallback: 'prod',
    may: 'lower-case letters, digits and hyphens, 20 at most, with a letter first',
    does:
      "Part of the stack's name, and a tag. A stage whose name begins with `prod` is protected: its stack cannot be " +
      'deleted by accident, and its table and logs outlive it. `local` is what `npm start` uses.',
    read: matching(/^[a-z][a-z0-9-]{0,19}$/),
  },
  auth: {
    fallback: 'iam',
    may: 'iam, jwt or none',
    does:
      'Who may call: holders of AWS credentials, who sign with SigV4 (`iam`), or of a token (`jwt`), or anybody ' +
      '(`none`), which synth warns about unless mutual TLS is on.',
    read: oneOf('iam', 'jwt', 'none'),
  },
  jwtIssuer: {
    may: 'an https URL without query and fragment',
    does: 'The `iss` claim of the tokens. Needed with `auth=jwt`, refused without.',
    read: issuerUrl,
  },
  jwtAudience: {
    may: 'one audience, or several with commas between them',
    does: "A token's `aud` or `client_id` claim must be one of them. Needed with `auth=jwt`, refused without.",
    read: commaList,
  },
  domainName: {
    may: 'a host name in lower case, such as logout.example.com',
    does:
      'A host name of your own, so that terminals keep the one they know. Needs `certificateArn`. You point its DNS ' +
      'record to the output `DnsTarget`.',
    read: hostName,
  },
  certificateArn: {
    may: 'the ARN of a certificate in ACM',
    does:
      'The certificate of `domainName`, in the region of the stack. Needs `domainName`. With `truststoreUri` it must ' +
      'be one that ACM issued publicly.',
    read: matching(/^arn:aws(-[a-z]+)*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/),
  },
  truststoreUri: {
    may: 's3://, a bucket, / and a key',
    does:
      'Turns mutual TLS on for `domainName`: terminals must show a certificate of an authority in this PEM file. The ' +
      "gateway's own host name, which knows no mutual TLS, is then switched off. The gateway keeps a copy of the file, " +
      'so a new one needs a new key.',
    read: s3Object,
  },
  tableName: {
    may: 'the name of a table: 3 to 255 letters, digits, hyphens, dots and underscores',
    does: "Uses a table that exists, the login service's, in the same account and region, instead of creating one.",
    read: matching(/^[A-Za-z0-9_.-]{3,255}$/),
  },
  timeZone: {
    fallback: 'UTC',
    may: 'the IANA name of a time zone, such as Europe/Madrid',
    does: 'The zone of dates that terminals send without an offset, and of the dates that the service makes.',
    read: zoneName,
  },
  alarmEmail: {
    may: 'an e-mail address',
    does:
      'Gets a mail when an alarm fires, once its owner has confirmed the first one. Synth warns about a stage that ' +
      'begins with `prod` and has none.',
    read: matching(/^[^\s@,;<>]{1,64}@[^\s@,;<>]+\.[^\s@,;<>]+$/),
  },
  runbookUrl: {
    fallback: 'docs/runbook.md',
    may: 'an https URL without fragment, or the path of a .md file in the repository',
    does: "The base of the links to the runbook in the alarms' texts: `#` and a section are appended.",
    read: page,
  },
  throttleRate: {
    fallback: '500',
    may: 'a whole number of requests a second, 1 or more',
    does: 'Requests a second that the gateway lets through, of all callers together. Others get 429.',
    read: wholeNumber,
  },
  throttleBurst: {
    fallback: '1000',
    may: 'a whole number of requests, 1 or more',
    does: 'Requests that the gateway lets through at once, before `throttleRate` counts.',
    read: wholeNumber,
  },
  logRetentionDays: {
    fallback: '90',
    may: `a number of days that CloudWatch knows: ${retentions.join(', ')}`,
    does: 'Days after which a log line is deleted.',
    read: retention,
  },
  rollout: {
    fallback: 'canary',
    may: 'canary or allAtOnce',
    does:
      'How a new version takes over. `canary`: it gets a tenth of the traffic for five minutes and then all, and ' +
      'alarms that blame the version roll it back; while one of them is on, no version gets through. `allAtOnce`: it ' +
      'gets all at once, and nothing rolls it back. A fix for what raised such an alarm needs it.',
    read: oneOf('canary', 'allAtOnce'),
  },
} satisfies Record<string, Definition<unknown>>;

type Definitions = typeof definitions;
type Name = keyof Definitions;
type Value<D> = D extends Definition<infer T> ? (D extends { fallback: string } ? T : T | undefined) : never;
type Values = { readonly [N in Name]: Value<Definitions[N]> };

const names = Object.keys(definitions) as Name[];

/**
 * Reads and checks all settings.
 *
 * @param context the whole CDK context. Settings are the strings of `-c name=value`, or what `cdk.json` holds: strings
 *   and numbers. `undefined` and `null` are not set.
 * @returns the settings, with defaults where nothing is set.
 * @throws {SynthError} when any is wrong, when one that another needs is missing, or when a name is not that of a
 *   setting. It names all of them, in a sentence each.
 */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const refusals: string[] = [];
  const read = (name: Name): unknown => {
    const definition: Definition<unknown> = definitions[name];
    const set = context[name] ?? definition.fallback;
    if (set === undefined) return undefined;
    const isText = typeof set === 'string' || typeof set === 'number';
    const value = isText ? definition.read(String(set)) : undefined;
    if (value === undefined) refusals.push(`${asSet(context, name)}, but may be ${definition.may}.`);
    return value;
  };
  const values = Object.fromEntries(names.map((name) => [name, read(name)])) as Values;
  refusals.push(...togetherRefusals(context), ...unknownNames(context));
  if (refusals.length > 0) throw new SynthError(refusals.join('\n'));
  return together(values);
}

/** Settings that need others: each is set with them only, and some must be. */
function togetherRefusals(context: Readonly<Record<string, unknown>>): string[] {
  const isSet = (name: Name) => (context[name] ?? undefined) !== undefined;
  const auth = context.auth ?? definitions.auth.fallback;
  const missing = (name: Name, reason: string) =>
    isSet(name) ? [] : [`${name} is not set, but with ${reason} it must be ${definitions[name].may}.`];
  const alone = (name: Name, condition: string) =>
    isSet(name) ? [`${asSet(context, name)}, but may be set with ${condition}.`] : [];

  return (['jwtIssuer', 'jwtAudience'] as const)
    .flatMap((name) => {
      if (auth === 'jwt') return missing(name, 'auth=jwt');
      return auth === 'iam' || auth === 'none' ? alone(name, `auth=jwt only: auth is "${auth}"`) : [];
    })
    .concat(
      isSet('domainName')
        ? missing('certificateArn', 'domainName')
        : alone('certificateArn', 'domainName only'),
      isSet('domainName') ? [] : alone('truststoreUri', 'domainName only'),
    );
}

/** CDK's own context: its flags and look-ups have one of `:/@` in their names. */
const CDK_CONTEXT = /[:/@]|^(cli-telemetry|acknowledged-issue-numbers)$/;

/** Names that are not settings. */
function unknownNames(context: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(context)
    .filter((name) => !Object.hasOwn(definitions, name) && !CDK_CONTEXT.test(name))
    .map(
      (name) =>
        `${asSet(context, name)}, but there is no such setting. The settings are: ${names.join(', ')}.`,
    );
}

const asSet = (context: Readonly<Record<string, unknown>>, name: string) =>
  `${name} is ${JSON.stringify(context[name])}`;

/** Puts checked values that need each other together. */
function together(values: Values): Settings {
  const { auth, jwtIssuer, jwtAudience, domainName, certificateArn, truststoreUri, ...rest } = values;
  const { tableName, alarmEmail, ...others } = rest;
  return {
    ...others,
    production: rest.stage.startsWith('prod'),
    auth: auth === 'jwt' ? { issuer: jwtIssuer as string, audience: jwtAudience as readonly string[] } : auth,
    ...(domainName && {
      domain: {
        name: domainName,
        certificateArn: certificateArn as string,
        ...(truststoreUri && { truststore: truststoreUri }),
      },
    }),
    ...(tableName && { tableName }),
    ...(alarmEmail && { alarmEmail }),
  };
}
