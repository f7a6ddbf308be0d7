import { timeZone } from '../../lambda/domain/time-zone.ts';
import { UserError } from '../cli.ts';
import type { LocalStackOptions } from './stack.ts';

const HELP = `Runs the service on this machine: the synthesized stack, with DynamoDB Local for a table.

  npm start              builds, starts, and prints the URL and a curl line to try it with
  npm start -- --help    prints this

Variables:
  PORT                       port of HTTP on 127.0.0.1; 0 for any free one (default 3000)
  DYNAMODB_PORT              port of DynamoDB Local; 0 for any free one (default 8000)
  TIME_ZONE                  the zone of dates without an offset, an IANA name (default UTC)
  AWS_ENDPOINT_URL_DYNAMODB  where the function finds DynamoDB, such as a proxy in front of DynamoDB Local
                             (default DynamoDB Local itself)

It needs Java 17 or later, or Docker. Ctrl-C ends everything that it started.`;

/** What the person asked for: help, or a stack. */
export type Command = { readonly help: string } | { readonly options: LocalStackOptions };

/**
 * Reads arguments and environment variables. An empty variable counts as not set.
 *
 * @param args what follows the script's name.
 * @param environment the environment variables.
 * @throws {UserError} a sentence about the first that is wrong.
 */
export function parseCommand(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const [unknown] = args.filter((arg) => arg !== '--help');
  if (unknown !== undefined) {
    throw new UserError(`There is no argument "${unknown}": \`npm start -- --help\` lists what can be set.`);
  }
  if (args.length > 0) return { help: HELP };
  const ports = {
    port: portOf(environment, 'PORT', 3000),
    dynamodbPort: portOf(environment, 'DYNAMODB_PORT', 8000),
  };
  if (ports.port === ports.dynamodbPort && ports.port !== 0) {
    throw new UserError(`PORT and DYNAMODB_PORT are both ${ports.port}: give them different values.`);
  }
  return {
    options: {
      ...ports,
      timeZone: zone(environment.TIME_ZONE || undefined),
      functionEndpoint: endpoint(environment.AWS_ENDPOINT_URL_DYNAMODB || undefined),
    },
  };
}

/**
 * Reads a port from an environment variable.
 *
 * @param environment the environment variables.
 * @param name the variable; empty counts as not set.
 * @param byDefault the port if it is not set.
 * @returns the port; 0 is for any free one.
 * @throws {UserError} if it is no port.
 */
export function portOf(environment: NodeJS.ProcessEnv, name: string, byDefault: number): number {
  const text = environment[name] || String(byDefault);
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) {
    throw new UserError(
      `${name} is "${text}": give a port from 1 to 65535, such as ${byDefault}, or 0 for any free one.`,
    );
  }
  return value;
}

function zone(name: string | undefined): string | undefined {
  if (name !== undefined) {
    try {
      timeZone(name);
    } catch {
      throw new UserError(`TIME_ZONE is "${name}": give an IANA time zone, such as UTC or Europe/Madrid.`);
    }
  }
  return name;
}

function endpoint(url: string | undefined): string | undefined {
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new UserError(
      `AWS_ENDPOINT_URL_DYNAMODB is "${url}": give a URL, such as http://127.0.0.1:9000, or none for DynamoDB Local.`,
    );
  }
  return url;
}
