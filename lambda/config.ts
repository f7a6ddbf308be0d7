/** AWS credentials. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Comes with temporary credentials. */
  readonly sessionToken?: string;
}

/** What the stack gives the function, read once when an environment starts. */
export interface Config {
  /** The table that holds the connections. */
  readonly tableName: string;
  /** The IANA name of the zone in which a date without an offset is wall-clock time. */
  readonly timeZone: string;
  /** The stage of the stack, a dimension of every metric. */
  readonly stage: string;
  /** Whether callers hold tokens: then an event without claims is a defect. */
  readonly requiresToken: boolean;
  /** Whether the common name of the client certificate must be the connection's terminal. */
  readonly requiresCertificate: boolean;
  /** The commit that the function was built from, if the stack says so. */
  readonly commit?: string | undefined;
  /** The AWS region of the table. */
  readonly region: string;
  /** The role's credentials. Lambda sets them for as long as the environment lives, so no provider chain is needed. */
  readonly credentials: Credentials;
  /** The SDK's own override of DynamoDB's URL: DynamoDB Local, on a developer's machine. */
  readonly endpoint?: string | undefined;
}

/** Thrown when the environment cannot be what the stack gives. The function then never starts. */
class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The values of the stack's setting `auth`. A value that is not among them, such as `JWT`, must not open the route. */
const AUTH = ['iam', 'jwt', 'lambda', 'none'];

/**
 * Reads an environment variable.
 *
 * @throws {ConfigError} when it is not set.
 */
export function readVariable(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name];
  if (!value) throw new ConfigError(`The environment variable ${name} is not set.`);
  return value;
}

/** Reads the credentials of the function's role, which Lambda keeps in the environment. */
export function readCredentials(environment: NodeJS.ProcessEnv = process.env): Credentials {
  const sessionToken = environment.AWS_SESSION_TOKEN;
  return {
    accessKeyId: readVariable('AWS_ACCESS_KEY_ID', environment),
    secretAccessKey: readVariable('AWS_SECRET_ACCESS_KEY', environment),
    // The SDK's type has no undefined.
    ...(sessionToken && { sessionToken }),
  };
}

/**
 * Reads and checks the environment variables.
 *
 * @throws {ConfigError} when one is missing or has a value that it may not have: a sentence that names it.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const required = (name: string) => readVariable(name, environment);
  const readChoice = (name: string, allowed: readonly string[]): string | undefined => {
    const value = environment[name] || undefined;
    if (value === undefined || allowed.includes(value)) return value;
    throw new ConfigError(`The environment variable ${name} is "${value}". It may be ${allowed.join(', ')}.`);
  };
  return {
    tableName: required('TABLE_NAME'),
    timeZone: environment.TIME_ZONE || 'UTC',
    stage: required('STAGE'),
    requiresToken: readChoice('AUTH', AUTH) === 'jwt',
    requiresCertificate: readChoice('CERTIFICATE_SUBJECT', ['terminal_id']) !== undefined,
    commit: environment.COMMIT || undefined,
    region: required('AWS_REGION'),
    credentials: readCredentials(environment),
    endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB || undefined,
  };
}
