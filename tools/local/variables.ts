import { isTimeZone } from '../../lambda/domain/process-time-zone.ts';
import { UserError } from '../cli.ts';
import { ENGINE_NAMES, type EngineName } from './engine.ts';

const PORT = [
  'a port from 1 to 65535, or 0 for any free one',
  (text: string) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535,
] as const;

/** For each variable what it may be, and whether a text is that. */
const VARIABLES = {
  PORT,
  DYNAMODB_PORT: PORT,
  DYNAMODB_ENGINE: [
    `one of ${ENGINE_NAMES.join(', ')}`,
    (text) => ENGINE_NAMES.some((name) => name === text),
  ],
  TIME_ZONE: ['an IANA time zone, such as UTC or Europe/Madrid', isTimeZone],
  AWS_ENDPOINT_URL_DYNAMODB: [
    'a URL, such as http://127.0.0.1:9000, or none for the local engine',
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
  ],
} as const satisfies Record<string, readonly [allowed: string, isAllowed: (text: string) => boolean]>;

/** How `npm start` runs the stack. */
export interface StartVariables {
  /** The port of HTTP; 0 for any free one. */
  readonly port: number;
  /** The port of the DynamoDB engine; 0 for any free one. */
  readonly dynamodbPort: number;
  /** The engines to choose from, the preferred first. */
  readonly engines: readonly EngineName[];
  /** The function's `TIME_ZONE`. */
  readonly timeZone: string | undefined;
  /** Where the function finds DynamoDB; undefined: the engine. */
  readonly functionEndpoint: string | undefined;
}

/**
 * Reads the environment variables of `npm start`. An empty variable counts as not set.
 *
 * @throws {UserError} a sentence about each that is wrong.
 */
export function readVariables(environment: NodeJS.ProcessEnv): StartVariables {
  const problems: string[] = [];
  const read = (name: keyof typeof VARIABLES): string | undefined => {
    const [allowed, isAllowed] = VARIABLES[name];
    const text = environment[name] || undefined;
    if (text !== undefined && !isAllowed(text)) problems.push(`${name} is "${text}": give ${allowed}.`);
    return text;
  };
  const port = Number(read('PORT') ?? 3000);
  const dynamodbPort = Number(read('DYNAMODB_PORT') ?? 8000);
  const engine = read('DYNAMODB_ENGINE');
  const options = {
    port,
    dynamodbPort,
    engines: ENGINE_NAMES.filter((name) => engine === undefined || name === engine),
    timeZone: read('TIME_ZONE'),
    functionEndpoint: read('AWS_ENDPOINT_URL_DYNAMODB'),
  };
  if (port === dynamodbPort && port !== 0) {
    problems.push(`PORT and DYNAMODB_PORT are both ${port}: give them different values.`);
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return options;
}
