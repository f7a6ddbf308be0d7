/** What the stack tells the function, read once when an environment starts. */
export interface Config {
  /** The table that holds the connections. */
  readonly tableName: string;
  /** The IANA name of the zone in which a date without an offset is wall-clock time. */
  readonly timeZone: string;
  /** The stage of the stack, a dimension of every metric. */
  readonly stage: string;
  /** The AWS region of the table. */
  readonly region: string;
  /** Who the function is. Lambda sets them for as long as the environment lives, so there is no chain to ask. */
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** The SDK's own override of where DynamoDB is: DynamoDB Local, on a developer's machine. */
  readonly endpoint?: string;
}

/**
 * Reads and checks the environment variables.
 *
 * @throws {Error} when one is missing: a sentence that names it. The environment then never starts.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`The environment variable ${name} is not set.`);
    return value;
  };
  const sessionToken = environment.AWS_SESSION_TOKEN;
  const endpoint = environment.AWS_ENDPOINT_URL_DYNAMODB;
  return {
    tableName: required('TABLE_NAME'),
    timeZone: environment.TIME_ZONE || 'UTC',
    stage: required('STAGE'),
    region: required('AWS_REGION'),
    credentials: {
      accessKeyId: required('AWS_ACCESS_KEY_ID'),
      secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
      ...(sessionToken && { sessionToken }),
    },
    ...(endpoint && { endpoint }),
  };
}
