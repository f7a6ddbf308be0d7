import type { Credentials } from '../../lambda/watch/sign.ts';
import { type Check, checks, UNKNOWN_CONNECTION } from './checks.ts';
import { type SmokeAnswer, SmokeClient } from './client.ts';
import type { Target } from './command.ts';

/** How many requests in a row the answer times are taken from. */
const TIMED_REQUESTS = 10;

/** One check, and what came of it. */
export interface Result {
  readonly check: Check;
  /** Absent: there was none. */
  readonly answer?: SmokeAnswer;
  /** A sentence for each difference; none if all is right. */
  readonly differences: readonly string[];
}

/** Milliseconds from a request to its whole answer, as seen from here. They are shown and not judged. */
interface Times {
  /** Of the very first request: connection, TLS and perhaps a cold start are part of it. */
  readonly first: number;
  /** Of the ones in a row on the open connection that were answered, from fastest to slowest. */
  readonly inARow: readonly number[];
}

/** All results of a run. */
export interface Report {
  /** Of every check, and of each of the timed requests that went wrong. */
  readonly results: readonly Result[];
  readonly times: Times;
}

/**
 * Sends every check's request, one after the other, and compares.
 *
 * @param target where to, and as whom.
 * @param credentials finds AWS credentials; asked with `auth: 'iam'` only.
 * @param checked told each result when it is there.
 * @throws what the very first request fails with: there is nothing to check then. Later failures are differences.
 */
export async function smoke(
  target: Target,
  credentials: () => Promise<Credentials>,
  checked: (result: Result) => void,
): Promise<Report> {
  const client = new SmokeClient(target, credentials);
  const results: Result[] = [];
  const note = (result: Result) => {
    results.push(result);
    checked(result);
  };
  try {
    const { ms } = await client.send(UNKNOWN_CONNECTION.request);
    for (const check of checks(target.access, new Date())) {
      note(await run(client, check));
    }
    const timed: Result[] = [];
    while (timed.length < TIMED_REQUESTS) {
      timed.push(await run(client, UNKNOWN_CONNECTION));
    }
    timed.filter(({ differences }) => differences.length > 0).forEach(note);
    const answered = timed.flatMap(({ answer }) => (answer === undefined ? [] : [answer.ms]));
    return { results, times: { first: ms, inARow: answered.sort((a, b) => a - b) } };
  } finally {
    client.close();
  }
}

async function run(client: SmokeClient, check: Check): Promise<Result> {
  try {
    const answer = await client.send(check.request);
    return { check, answer, differences: check.expected.differences(answer) };
  } catch (error) {
    return { check, differences: [`there is no answer: ${reasonOf(error)}`] };
  }
}

/** @returns why a request had no answer, in a few words: of several addresses that were tried, the first one's reason. */
export function reasonOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  if (!(first instanceof Error)) return String(first);
  return first.name === 'AbortError' || first.name === 'TimeoutError' ? 'none came in time' : first.message;
}
