import {
  matching,
  oneOf,
  parseBoolean,
  parseHostName,
  parseIssuer,
  parseList,
  parsePage,
  parseRetention,
  parseTimeZone,
  parseTruststore,
  parseWholeNumber,
  RETENTIONS,
  type Truststore,
} from './setting-values.ts';

/** How a caller proves who it is. */
export type Auth =
  /** By AWS credentials, with which it signs (SigV4). */
  | { readonly type: 'iam' }
  /** By a JSON Web Token, which the gateway checks. */
  | {
      readonly type: 'jwt';
      /** The `iss` claim of the tokens, an `https` URL. The gateway reads the issuer's keys below it. */
      readonly issuer: string;
      /** A token's `aud` or `client_id` claim must be one of these. At least one. */
      readonly audiences: readonly string[];
      /** A token must have one of these scopes. Absent: none is required. */
      readonly scopes?: readonly string[] | undefined;
    }
  /** By what a Lambda authorizer of the deployer's accepts. */
  | { readonly type: 'lambda'; readonly authorizerArn: string }
  /** Not at all. */
  | { readonly type: 'none' };

/** A host name of the deployer's own. */
export interface Domain {
  readonly name: string;
  /** The ARN of its certificate in ACM, in the stack's region. */
  readonly certificateArn: string;
  /** Turns mutual TLS on. Absent: terminals show no certificate. */
  readonly truststore?: Truststore | undefined;
  /** With mutual TLS: a public certificate in ACM that proves the ownership of the host name. */
  readonly ownershipCertificateArn?: string | undefined;
}

/** One setting as a deployer writes it, in `cdk.json` or as `-c name=value`. */
export interface Definition<T> {
  /** The value where none is written. Absent: there is none. */
  readonly default?: string;
  /** What the value may be. Ends the sentence `… is "x", but may be …`. */
  readonly allowed: string;
  /** What it does, in sentences. The table of `docs/deploying.md` shows them. */
  readonly description: string;
  /** Another setting that this one is refused without, where `value` is given only with that value. */
  readonly requires?: { readonly setting: string; readonly value?: string };
  /** Whether it must be set where `requires` is met. */
  readonly mandatory?: boolean;
  /** Returns the checked value, or `undefined` for one that is not allowed. */
  readonly parse: (value: unknown) => T | undefined;
}

const WITH_JWT = { setting: 'auth', value: 'jwt' };
const WITH_MUTUAL_TLS = { setting: 'truststoreUri' };

/** Matches the ARN of a certificate in ACM. */
const certificateArn = matching(/^arn:aws(-[a-z]+)*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/);

/** Every setting, in the order in which refusals name them. */
export const definitions = {
  stage: {
    default: 'prod',
    allowed: 'lower-case letters, digits and hyphens, 20 at most, beginning with a letter',
    description: "Part of the stack's name, and a tag. `local` is what `npm start` uses.",
    parse: matching(/^[a-z][a-z0-9-]{0,19}$/),
  },
  production: {
    allowed: 'true or false',
    description:
      "Protects the stack from deletion and keeps its table, logs and versions. On where a part of the stage's name " +
      'between hyphens is `prod`, `production` or `live`.',
    parse: parseBoolean,
  },
  auth: {
    default: 'iam',
    allowed: 'iam, jwt, lambda or none',
    description:
      'Who may call: AWS credentials (`iam`, SigV4), tokens (`jwt`), what a Lambda authorizer accepts (`lambda`), or ' +
      'every caller (`none`), which synth warns about unless mutual TLS is on.',
    parse: oneOf('iam', 'jwt', 'lambda', 'none'),
  },
  jwtIssuer: {
    allowed: 'an https URL without query and fragment',
    description: 'The `iss` claim of the tokens.',
    requires: WITH_JWT,
    mandatory: true,
    parse: parseIssuer,
  },
  jwtAudience: {
    allowed: 'a text, or a list of them',
    description: "A token's `aud` or `client_id` claim must be one of them.",
    requires: WITH_JWT,
    mandatory: true,
    parse: parseList,
  },
  jwtScopes: {
    allowed: 'a text, or a list of them',
    description: 'A token must have one of these scopes.',
    requires: WITH_JWT,
    parse: parseList,
  },
  authorizerArn: {
    allowed: 'the ARN of a Lambda function, of a version or of an alias',
    description: 'A Lambda authorizer with simple responses. Its answer is cached for a minute.',
    requires: { setting: 'auth', value: 'lambda' },
    mandatory: true,
    parse: matching(
      /^arn:aws(-[a-z]+)*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$/,
    ),
  },
  domainName: {
    allowed: 'a host name in lower case, such as logout.example.com',
    description: 'A host name of your own. Its DNS record must point to the output `DnsTarget`.',
    parse: parseHostName,
  },
  certificateArn: {
    allowed: 'the ARN of a certificate in ACM',
    description: 'The certificate of `domainName`, in the region of the stack.',
    requires: { setting: 'domainName' },
    mandatory: true,
    parse: certificateArn,
  },
  truststoreUri: {
    allowed: 's3://, a bucket, / and a key',
    description:
      'Mutual TLS: terminals must show a certificate of an authority in this PEM file. The default endpoint is then ' +
      'off. The gateway keeps a copy, so a new file needs a new key.',
    requires: { setting: 'domainName' },
    parse: parseTruststore,
  },
  certificateSubject: {
    allowed: 'terminal_id',
    description: "The common name of a caller's certificate must be the connection's terminal.",
    requires: WITH_MUTUAL_TLS,
    parse: oneOf('terminal_id'),
  },
  ownershipCertificateArn: {
    allowed: 'the ARN of a certificate in ACM',
    description:
      'A public certificate of ACM for `domainName`, where `certificateArn` is imported or of a private authority.',
    requires: WITH_MUTUAL_TLS,
    parse: certificateArn,
  },
  tableName: {
    allowed: 'the name of a table: 3 to 255 letters, digits, hyphens, dots and underscores',
    description:
      "An existing table, the login service's, in the same account and region. `null`: the stack creates one.",
    parse: matching(/^[A-Za-z0-9_.-]{3,255}$/),
  },
  tableKeyArn: {
    allowed: 'the ARN of a key in KMS',
    description: "The customer's key of `tableName`. Its policy must let the output `FunctionRole` use it.",
    requires: { setting: 'tableName' },
    parse: matching(/^arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/),
  },
  timeZone: {
    default: 'UTC',
    allowed: 'the IANA name of a time zone, such as Europe/Madrid',
    description: "The zone of dates without an offset, and of the service's own dates.",
    parse: parseTimeZone,
  },
  alarmEmail: {
    allowed: 'an e-mail address',
    description: 'Gets the alarms, once its owner has confirmed the subscription.',
    parse: matching(/^[^\s@,;<>"[\]]{1,64}@[^\s@,;<>"[\]]+\.[^\s@,;<>"[\]]+$/),
  },
  pageTopicArn: {
    allowed: 'the ARN of an SNS topic',
    description: 'An existing topic that gets the pages too. Its policy must let CloudWatch publish.',
    parse: matching(/^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/),
  },
  probe: {
    allowed: 'true or false',
    description: 'Sends a request through the public URL every minute. On in production.',
    parse: parseBoolean,
  },
  runbookUrl: {
    default: 'docs/runbook.md',
    allowed: 'an https URL without fragment, or the path of a .md file in the repository',
    description: "The base of the links in the alarms' texts: `#` and a section are appended.",
    parse: parsePage,
  },
  throttleRate: {
    default: '500',
    allowed: 'a whole number of requests a second, 1 or more',
    description: 'Requests a second that the gateway lets through, of all callers together. Others get 429.',
    parse: parseWholeNumber,
  },
  throttleBurst: {
    default: '1000',
    allowed: 'a whole number of requests, 1 or more',
    description: 'Requests that the gateway lets through at once, before `throttleRate` counts.',
    parse: parseWholeNumber,
  },
  reservedConcurrency: {
    allowed: 'a whole number of environments, 1 or more',
    description:
      'How many environments of the function may run at once, so that others keep the rest of the account.',
    parse: parseWholeNumber,
  },
  logRetentionDays: {
    default: '90',
    allowed: `a number of days that CloudWatch knows: ${RETENTIONS.join(', ')}`,
    description: 'Days after which a log line is deleted.',
    parse: parseRetention,
  },
  logCaller: {
    default: 'false',
    allowed: 'true or false',
    description: "Whether the access log holds the caller's ARN (with `auth` `iam`).",
    parse: parseBoolean,
  },
  fipsEndpoint: {
    default: 'false',
    allowed: 'true or false',
    description: "Whether the function calls DynamoDB's FIPS endpoint.",
    parse: parseBoolean,
  },
  dualstackEndpoint: {
    default: 'false',
    allowed: 'true or false',
    description: "Whether the function calls DynamoDB's dual-stack endpoint.",
    parse: parseBoolean,
  },
  rollout: {
    default: 'canary',
    allowed: 'canary or allAtOnce',
    description:
      'How a new version takes over. `canary`: it gets a tenth of the traffic first, and alarms roll it back. ' +
      '`allAtOnce`: it gets all at once, and nothing rolls it back. Stays a flag in production too.',
    parse: oneOf('canary', 'allAtOnce'),
  },
} satisfies Record<string, Definition<unknown>>;

/** The name of a setting. */
export type Name = keyof typeof definitions;

type Value<D> = D extends Definition<infer T> ? (D extends { default: string } ? T : T | undefined) : never;

/** The checked values by name. */
export type Values = { readonly [N in Name]: Value<(typeof definitions)[N]> };

/** What the stack is built from: the checked values, with those put together that need each other. */
export interface Settings extends Omit<Values, 'production' | 'probe' | 'auth'> {
  /** Whether terminals depend on this stage. Its stack, table and logs are then protected from deletion. */
  readonly production: boolean;
  /** Whether a request is sent through the public URL every minute. */
  readonly probe: boolean;
  /** Who may call. */
  readonly auth: Auth;
  /** The host name that terminals call. Absent: the gateway's own. */
  readonly domain: Domain | undefined;
}

/** Puts checked values together that need each other. */
export function toSettings(values: Values): Settings {
  const production = values.production ?? isProductionName(values.stage);
  return {
    ...values,
    production,
    probe: values.probe ?? production,
    auth: toAuth(values),
    domain: toDomain(values),
  };
}

function toAuth({ auth, jwtIssuer, jwtAudience, jwtScopes, authorizerArn }: Values): Auth {
  switch (auth) {
    case 'jwt':
      return {
        type: auth,
        issuer: jwtIssuer as string,
        audiences: jwtAudience as readonly string[],
        scopes: jwtScopes,
      };
    case 'lambda':
      return { type: auth, authorizerArn: authorizerArn as string };
    default:
      return { type: auth };
  }
}

function toDomain(values: Values): Domain | undefined {
  const { domainName: name, certificateArn, truststoreUri, ownershipCertificateArn } = values;
  if (name === undefined) return undefined;
  return {
    name,
    certificateArn: certificateArn as string,
    truststore: truststoreUri,
    ownershipCertificateArn,
  };
}

/** @returns whether a stage of this name is production where the setting `production` does not say. */
export function isProductionName(stage: string): boolean {
  return stage.split('-').some((part) => part === 'prod' || part === 'production' || part === 'live');
}
