import { findTimeZone } from '../../lambda/domain/time-zone.ts';
import { UserError } from '../cli.ts';
import { ENGINE_NAMES, type EngineName } from './engine.ts';
import type { LocalStackOptions } from './stack.ts';

/**
 * Reads the environment variables of `npm start`. An empty variable counts as not set.
 *
 * @throws {UserError} a sentence about each that is wrong.
 */
export function readVariables(environment: NodeJS.ProcessEnv): LocalStackOptions {
  const problems: string[] = [];
  const read = <T>(name: string, parse: (text: string) => T, byDefault: T): T => {
    const text = environment[name];
    if (!text) return byDefault;
    try {
      return parse(text);
    } catch (error) {
      problems.push(`${name} is "${text}": ${(error as Error).message}.`);
      return byDefault;
    }
  };
  const options = {
    port: read('PORT', parsePort, 3000),
    dynamodbPort: read('DYNAMODB_PORT', parsePort, 8000),
    inspectPort: read('INSPECT_PORT', parsePort, 9229),
    engines: read('DYNAMODB_ENGINE', parseEngine, ENGINE_NAMES),
    timeZone: read('TIME_ZONE', parseZone, undefined),
    functionEndpoint: read('AWS_ENDPOINT_URL_DYNAMODB', parseEndpoint, undefined),
  };
  if (options.port === options.dynamodbPort && options.port !== 0) {
    problems.push(`PORT and DYNAMODB_PORT are both ${options.port}: give them different values.`);
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return options;
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error('give a port from 1 to 65535, or 0 for any free one');
}

function parseEngine(text: string): readonly EngineName[] {
  const name = ENGINE_NAMES.find((one) => one === text);
  if (name !== undefined) return [name];
  throw new Error(`give one of ${ENGINE_NAMES.join(', ')}`);
}

function parseZone(text: string): string {
  try {
    findTimeZone(text);
    return text;
  } catch {
    throw new Error('give an IANA time zone, such as UTC or Europe/Madrid');
  }
}

function parseEndpoint(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new Error('give a URL, such as http://127.0.0.1:9000, or none for the local engine');
}
