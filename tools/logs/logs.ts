import { defineCommand, onStopSignal, runCommand, UserError } from '../cli.ts';
import { detailLines, summaryLine } from './format.ts';
import { type LogEvent, StackLogs } from './stack-logs.ts';

const HELP = `Shows the logs of a deployed stack: the function's and the gateway's.

  npm run logs                   follows both from now on, a line a request;
                                 Ctrl-C ends it
  npm run logs -- REQUEST-ID     shows one request from both, with every field

  --stage STAGE    the stack's stage (default prod)
  --region REGION  its region (default: AWS_REGION, or that of the profile)
  --hours HOURS    how far back to look for REQUEST-ID (default 24)
  --raw            prints each line as CloudWatch has it
  --help           prints this

REQUEST-ID is that of an answer: request_id, or the header apigw-requestid.
Times are in UTC. AWS credentials are those that the AWS SDK finds. They need
logs:DescribeQueryDefinitions and logs:FilterLogEvents.

Exit code: 0, or 1 where the request is in no log, or AWS refuses something.`;

const HOUR_MS = 3_600_000;

/** `npm run logs`. */
export const logsCommand = defineCommand({
  name: 'npm run logs',
  help: HELP,
  options: {
    stage: { type: 'string' },
    region: { type: 'string' },
    hours: { type: 'string' },
    raw: { type: 'boolean' },
  },
  maxArguments: 1,
  async run({ stage = 'prod', region, hours = '24', raw = false }, [requestId]) {
    if (!(Number(hours) > 0)) throw new UserError(`--hours is "${hours}", but must be a number above 0.`);
    const logs = await StackLogs.find(stage, region);
    const print = (format: (event: LogEvent) => string) => (event: LogEvent) =>
      console.log(raw ? event.message : format(event));
    try {
      if (requestId === undefined) await follow(logs, print(summaryLine));
      else await show(logs, requestId, Date.now() - Number(hours) * HOUR_MS, print(detailLines));
    } finally {
      logs.close();
    }
    return 0;
  },
});

async function follow(logs: StackLogs, print: (event: LogEvent) => void): Promise<void> {
  const stopping = new AbortController();
  onStopSignal(() => stopping.abort());
  const startedAtMs = Date.now();
  console.error(`Following ${logs.logGroupNames.join(' and ')}. Ctrl-C ends it.`);
  for await (const event of logs.follow(startedAtMs, stopping.signal)) print(event);
}

/** @throws {UserError} where the request is in neither log. */
async function show(
  logs: StackLogs,
  requestId: string,
  since: number,
  print: (event: LogEvent) => void,
): Promise<void> {
  const events = await logs.findRequest(requestId, since);
  events.forEach(print);
  if (events.length === 0) {
    throw new UserError(
      `No line since ${new Date(since).toISOString()} has the request id "${requestId}". A new one takes some seconds to show; --hours looks further back.`,
    );
  }
}

if (import.meta.main) await runCommand(logsCommand);
