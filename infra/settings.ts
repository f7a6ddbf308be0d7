import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { timeZone } from '../lambda/domain/time-zone.ts';
import { SynthError } from './synth-error.ts';

/** Callers show a JSON Web Token, which the gateway checks. */
export interface JwtAuth {
  /** The `iss` claim of the tokens, an `https` URL. The gateway reads the issuer's keys below it. */
  readonly issuer: string;
  /** A token must be meant for one of these: its `aud` or `client_id` claim. At least one. */
  readonly audience: readonly string[];
}

/** What the stack is built from: every value checked, and those that need each other together. */
export interface Settings {
  /** Part of the stack's name, a tag of every resource, and the function's `STAGE`. */
  readonly stage: string;
  /**
   * Whether terminals depend on this stage: `prod`, and every name that begins so, such as `prod-eu`. Its stack can't
   * be deleted by accident and its table and logs outlive it. Any other stage goes away whole.
   */
  readonly production: boolean;
  /** Who may call: holders of AWS credentials (`iam`), of a token (`JwtAuth`), or anybody (`none`). */
  readonly auth: 'iam' | 'none' | JwtAuth;
  /** A table that exists, in the stack's account and region. Absent: the stack makes one. */
  readonly tableName?: string;
  /** The IANA name of the zone of dates that come without an offset. */
  readonly timeZone: string;
  /** Requests a second that the gateway lets through, of all callers together. */
  readonly throttleRate: number;
  /** Requests that the gateway lets through at once before `throttleRate` counts. */
  readonly throttleBurst: number;
  /** Days after which a log line is deleted. */
  readonly logRetentionDays: RetentionDays;
}

/** One setting as a deployer writes it: in the context of `cdk.json`, or as `-c name=value`. */
export interface Definition<T> {
  /** The value where none is written, as a deployer would write it. Absent: there is none. */
  readonly fallback?: string;
  /** What the value may be. Ends the sentence `… is "x", but may be …`. */
  readonly may: string;
  /** Takes the text to the value, or to `undefined` if it is refused. */
  readonly read: (text: string) => T | undefined;
}

const withDefault = <T>(fallback: string, may: string, read: (text: string) => T | undefined) => ({
  fallback,
  may,
  read,
});
const optional = <T>(may: string, read: (text: string) => T | undefined) => ({ may, read });

const matching = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : undefined);
const oneOf =
  <T extends string>(...words: T[]) =>
  (text: string) =>
    words.find((word) => word === text);
const wholeNumber = (text: string) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined);

function httpsUrl(text: string): string | undefined {
  const url = URL.parse(text);
  const plain = url?.protocol === 'https:' && !/[\s?#@]/.test(text);
  return plain ? text : undefined;
}

function commaList(text: string): readonly string[] | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.includes('') ? undefined : entries;
}

/** The function looks the zone up in the same way when it starts: what passes here can't fail there. */
function zoneName(text: string): string | undefined {
  try {
    timeZone(text);
    return text;
  } catch {
    return undefined;
  }
}

/** CloudWatch's own list, without the entry that stands for "for ever". */
const retentions = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** Every setting, in the order in which refusals name them. A new one is added here and to {@link Settings}. */
export const definitions = {
  stage: withDefault(
    'prod',
    'lower-case letters, digits and hyphens, 20 at most, with a letter first',
    matching(/^[a-z][a-z0-9-]{0,19}$/),
  ),
  auth: withDefault('iam', 'iam, jwt or none', oneOf('iam', 'jwt', 'none')),
  jwtIssuer: optional('an https URL without query and fragment', httpsUrl),
  jwtAudience: optional('one audience, or several with commas between them', commaList),
  tableName: optional(
    'the name of a table: 3 to 255 letters, digits, hyphens, dots and underscores',
    matching(/^[A-Za-z0-9_.-]{3,255}$/),
  ),
  timeZone: withDefault('UTC', 'the IANA name of a time zone, such as Europe/Madrid', zoneName),
  throttleRate: withDefault('500', 'a whole number of requests a second, 1 or more', wholeNumber),
  throttleBurst: withDefault('1000', 'a whole number of requests, 1 or more', wholeNumber),
  logRetentionDays: withDefault(
    '90',
    `a number of days that CloudWatch knows: ${retentions.join(', ')}`,
    (text) => retentions.find((days) => String(days) === text),
  ),
} satisfies Record<string, Definition<unknown>>;

type Definitions = typeof definitions;
type Name = keyof Definitions;
type Value<D> = D extends Definition<infer T> ? (D extends { fallback: string } ? T : T | undefined) : never;
type Values = { readonly [N in Name]: Value<Definitions[N]> };

/**
 * Reads and checks all settings.
 *
 * @param context the whole CDK context. Settings are the strings of `-c name=value`, or what `cdk.json` holds: strings
 *   and numbers. `undefined` and `null` are not set.
 * @returns the settings, with defaults where nothing is set.
 * @throws {SynthError} when any is wrong. It names all of them, in a sentence each.
 */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const refusals: string[] = [];
  const read = (name: Name): unknown => {
    const definition: Definition<unknown> = definitions[name];
    const set = context[name] ?? definition.fallback;
    if (set === undefined) return undefined;
    const isText = typeof set === 'string' || typeof set === 'number';
    const value = isText ? definition.read(String(set)) : undefined;
    if (value === undefined)
      refusals.push(`${name} is ${JSON.stringify(set)}, but may be ${definition.may}.`);
    return value;
  };
  const names = Object.keys(definitions) as Name[];
  const { auth, jwtIssuer, jwtAudience, tableName, ...rest } = Object.fromEntries(
    names.map((name) => [name, read(name)]),
  ) as Values;

  for (const name of ['jwtIssuer', 'jwtAudience'] as const) {
    const set = context[name] ?? undefined;
    if (auth === 'jwt' && set === undefined) {
      refusals.push(`${name} is not set, but with auth=jwt it must be ${definitions[name].may}.`);
    } else if ((auth === 'iam' || auth === 'none') && set !== undefined) {
      refusals.push(
        `${name} is ${JSON.stringify(set)}, but may be set with auth=jwt only: auth is "${auth}".`,
      );
    }
  }
  const jwt = jwtIssuer && jwtAudience && { issuer: jwtIssuer, audience: jwtAudience };
  const access = auth === 'jwt' ? jwt : auth;
  if (refusals.length > 0 || !access) throw new SynthError(refusals.join('\n'));

  return {
    ...rest,
    production: rest.stage.startsWith('prod'),
    auth: access,
    ...(tableName === undefined ? {} : { tableName }),
  };
}
