import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  DescribeQueryDefinitionsCommand,
  type FilteredLogEvent,
  GetQueryResultsCommand,
  paginateFilterLogEvents,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { explainAwsError, regionConfig } from '../aws.ts';
import { UserError } from '../cli.ts';

/** How often CloudWatch Logs is asked again: for the result of a query, and for new lines. */
const POLL_MS = 1_000;
/** A query over an hour of lines takes seconds. */
const MAX_QUERY_MS = 120_000;
/** CloudWatch may show a line some seconds after one that is newer. */
const LATE_LINES_MS = 30_000;

/** A query of CloudWatch Logs Insights that the stack has saved. */
export interface DeployedQuery {
  /** Its name in the console without the folder. */
  readonly name: string;
  readonly text: string;
  readonly logGroupNames: readonly string[];
}

/** One line of a log. */
export interface LogEvent {
  readonly logGroupName: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

/**
 * The logs of a deployed stack, found by the queries that it has saved: they name the log groups. So one service, and
 * three of its actions, are all that a caller needs: `logs:DescribeQueryDefinitions`, `logs:FilterLogEvents`, and for
 * {@link run} `logs:StartQuery` with `logs:GetQueryResults`.
 */
export class StackLogs {
  readonly queries: readonly DeployedQuery[];
  /** Every log that a query reads. */
  readonly logGroupNames: readonly string[];
  /** The logs that hold a line of each request: the function's and the gateway's access log. */
  readonly requestLogGroupNames: readonly string[];
  readonly #client: CloudWatchLogsClient;

  private constructor(client: CloudWatchLogsClient, queries: readonly DeployedQuery[]) {
    this.#client = client;
    this.queries = queries;
    this.logGroupNames = [...new Set(queries.flatMap(({ logGroupNames }) => logGroupNames))];
    const ofRequest = queries.find(({ text }) => text.includes('PASTE-REQUEST-ID'));
    this.requestLogGroupNames = ofRequest?.logGroupNames ?? this.logGroupNames;
  }

  /**
   * Finds the logs.
   *
   * @param stage the stage of the stack.
   * @param region the stack's region. Default: that of the environment or the profile.
   * @throws {UserError} where there is no such stack, or AWS refuses to list its queries.
   */
  static async find(stage: string, region?: string): Promise<StackLogs> {
    const client = new CloudWatchLogsClient(regionConfig(region));
    const folder = `connection-logout-${stage}/`;
    const queries: DeployedQuery[] = [];
    try {
      let nextToken: string | undefined;
      do {
        const page = await client.send(
          new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: folder, nextToken }),
        );
        for (const { name = '', queryString = '', logGroupNames = [] } of page.queryDefinitions ?? []) {
          queries.push({ name: name.slice(folder.length), text: queryString, logGroupNames });
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    } catch (error) {
      throw explainAwsError(error, 'list the saved queries of the stack');
    }
    if (queries.length === 0) {
      throw new UserError(
        `There is no stack connection-logout-${stage} in ${await client.config.region()}: it has no saved queries there. Look at --stage and at AWS_REGION.`,
      );
    }
    return new StackLogs(client, queries);
  }

  /**
   * Runs a saved query over the last hour, with an id that occurs nowhere where the query says `PASTE-…`.
   *
   * @returns why CloudWatch refuses it: a sentence without its full stop; undefined where it ran.
   * @throws {UserError} where the caller may not run queries.
   */
  async run({ text, logGroupNames }: DeployedQuery): Promise<string | undefined> {
    const now = Math.floor(Date.now() / 1_000);
    try {
      const { queryId } = await this.#client.send(
        new StartQueryCommand({
          logGroupNames: [...logGroupNames],
          queryString: text.replace(/PASTE-[A-Z-]+/g, 'none'),
          startTime: now - 3_600,
          endTime: now,
        }),
      );
      for (const deadline = Date.now() + MAX_QUERY_MS; Date.now() < deadline; await sleep(POLL_MS)) {
        const { status } = await this.#client.send(new GetQueryResultsCommand({ queryId }));
        if (status === 'Complete') return undefined;
        if (status !== 'Scheduled' && status !== 'Running') return `its status is ${status}`;
      }
      return `it did not end in ${MAX_QUERY_MS / 1_000} s`;
    } catch (error) {
      const { name, message } = error as Error;
      if (
        ['MalformedQueryException', 'ResourceNotFoundException', 'InvalidParameterException'].includes(name)
      ) {
        return `${name}: ${message.replace(/\.$/, '')}`;
      }
      throw explainAwsError(error, 'run the saved queries');
    }
  }

  /**
   * Finds the lines of one request.
   *
   * @param requestId the id in the answer, or in its header `apigw-requestid`.
   * @param since milliseconds since 1970.
   * @param logGroupNames where to look. Default: both logs.
   * @returns the lines of the two logs, the oldest first.
   * @throws {UserError} where AWS refuses to show them.
   */
  async findRequest(
    requestId: string,
    since: number,
    logGroupNames: readonly string[] = this.requestLogGroupNames,
  ): Promise<LogEvent[]> {
    const filterPattern = `{ $.request_id = ${JSON.stringify(requestId)} }`;
    const found = await Promise.all(
      logGroupNames.map((logGroupName) => this.#filter(logGroupName, since, filterPattern)),
    );
    return found.flat().sort((a, b) => a.timestamp - b.timestamp);
  }

  /**
   * Follows all logs.
   *
   * @param startedAtMs shows lines from then on: milliseconds since 1970.
   * @param signal ends it.
   * @returns the lines as they come; those of one log in the order of their time, but for late ones.
   * @throws {UserError} where AWS refuses to show them.
   */
  async *follow(startedAtMs: number, signal: AbortSignal): AsyncGenerator<LogEvent> {
    const shown = new Map<string, number>();
    while (!signal.aborted) {
      const since = Math.max(startedAtMs, Date.now() - LATE_LINES_MS);
      for (const [eventId, timestamp] of shown) if (timestamp < since) shown.delete(eventId);
      const events = await Promise.all(this.logGroupNames.map((name) => this.#filter(name, since)));
      for (const event of events.flat().sort((a, b) => a.timestamp - b.timestamp)) {
        if (!shown.has(event.eventId)) yield event;
        shown.set(event.eventId, event.timestamp);
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#client.destroy();
  }

  async #filter(
    logGroupName: string,
    startTime: number,
    filterPattern?: string,
  ): Promise<(LogEvent & { readonly eventId: string })[]> {
    const events: FilteredLogEvent[] = [];
    try {
      const input = { logGroupName, startTime, filterPattern };
      for await (const page of paginateFilterLogEvents({ client: this.#client }, input)) {
        events.push(...(page.events ?? []));
      }
    } catch (error) {
      throw explainAwsError(error, `read the log ${logGroupName}`);
    }
    return events.map(({ timestamp = 0, message = '', eventId = '' }) => ({
      logGroupName,
      timestamp,
      message: message.trimEnd(),
      eventId,
    }));
  }
}
