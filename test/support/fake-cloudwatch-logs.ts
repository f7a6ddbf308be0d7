import { json } from 'node:stream/consumers';
import { serve } from './server.ts';

/** What a fake of CloudWatch Logs holds. It may change while the fake runs. */
export interface FakeLogs {
  /** The saved queries, named `FOLDER/QUERY`. */
  readonly queries: { name: string; queryString: string; logGroupNames: string[] }[];
  readonly events: { logGroupName: string; timestamp: number; message: string }[];
  /** Texts of queries that StartQuery refuses as malformed. */
  readonly malformed: string[];
  /** An error that every request gets: its type and message. */
  error?: [type: string, message: string];
}

/** A running fake. */
export interface FakeCloudWatchLogs {
  /** To be set as `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`. */
  readonly endpoint: string;
  /** Each request's operation and input. */
  readonly requests: { operation: string; input: Record<string, unknown> }[];
}

type Input = Record<string, never> & {
  nextToken?: string;
  queryId?: string;
  queryString?: string;
  queryDefinitionNamePrefix?: string;
  logGroupName?: string;
  filterPattern?: string;
  startTime?: number;
};

/** The errors of the protocol, answered with HTTP 400. */
class Refusal extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/**
 * Speaks the protocol of CloudWatch Logs (AWS JSON 1.1) over HTTP, as far as the commands use it. Lists come in pages
 * of one element; a page of log events may be empty, as AWS says of its own. Ends with the test.
 */
export async function fakeCloudWatchLogs(logs: FakeLogs): Promise<FakeCloudWatchLogs> {
  const requests: FakeCloudWatchLogs['requests'] = [];
  const polls = new Map<string, number>();
  const operations: Record<string, (input: Input) => object> = {
    DescribeQueryDefinitions({ queryDefinitionNamePrefix = '', nextToken = '0' }) {
      const found = logs.queries.filter(({ name }) => name.startsWith(queryDefinitionNamePrefix));
      const next = Number(nextToken) + 1;
      return {
        queryDefinitions: found.slice(next - 1, next),
        nextToken: next < found.length ? String(next) : undefined,
      };
    },
    StartQuery({ queryString = '' }) {
      if (logs.malformed.includes(queryString)) {
        throw new Refusal('MalformedQueryException', 'unexpected symbol found at line 1.');
      }
      const queryId = String(polls.size);
      polls.set(queryId, 0);
      return { queryId };
    },
    GetQueryResults({ queryId }) {
      const poll = polls.get(String(queryId)) ?? 0;
      polls.set(String(queryId), poll + 1);
      return { status: poll === 0 ? 'Running' : 'Complete', results: [] };
    },
    FilterLogEvents({ logGroupName, filterPattern, startTime = 0, nextToken }) {
      if (nextToken === undefined) return { events: [], nextToken: 'the page with the events' };
      const [, id] = /^\{ \$\.request_id = "(.*)" \}$/.exec(filterPattern ?? '') ?? [];
      const events = logs.events
        .map((event, index) => ({ ...event, eventId: String(index) }))
        .filter(
          (event) =>
            event.logGroupName === logGroupName &&
            event.timestamp >= startTime &&
            (id === undefined || JSON.parse(event.message).request_id === id),
        );
      return { events };
    },
  };
  const endpoint = await serve(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('Logs_20140328.', '');
    const input = (await json(request)) as Input;
    requests.push({ operation, input });
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    try {
      if (logs.error) throw new Refusal(...logs.error);
      const run = operations[operation];
      if (run === undefined) throw new Refusal('UnknownOperationException', operation);
      answer(200, run(input));
    } catch (error) {
      const { type = 'InternalFailure', message } = error as Partial<Refusal>;
      answer(400, { __type: type, message });
    }
  });
  return { endpoint, requests };
}
