/**
 * What runs in the function's process: it loads the handler as Lambda's Node.js runtime does, and runs it for each
 * message of `function.ts`, which forked it. It ends with its parent.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** An event for the function. */
export interface RuntimeEvent {
  /** Lambda's own id of the request. */
  readonly awsRequestId: string;
  readonly event: unknown;
  /** When the function's time is up, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** What came of it: the function's response as JSON, or the stack of what was thrown. */
export interface RuntimeResult {
  /** Absent on the first message, which says whether the function has loaded. */
  readonly awsRequestId?: string;
  readonly response?: string;
  readonly error?: string;
}

const { _HANDLER: handlerName = '', LAMBDA_TASK_ROOT: folder = '', ...variables } = process.env;
const [file, exportName = ''] = handlerName.split('.');
const functionName = variables.AWS_LAMBDA_FUNCTION_NAME;

/** Lambda's context object, as far as it is the same for every event. */
const CONTEXT = {
  functionName,
  functionVersion: variables.AWS_LAMBDA_FUNCTION_VERSION,
  invokedFunctionArn: `arn:aws:lambda:${variables.AWS_REGION}:000000000000:function:${functionName}`,
  memoryLimitInMB: variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: variables.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: variables.AWS_LAMBDA_LOG_STREAM_NAME,
};

const send = (result: RuntimeResult, onSent = () => {}) => process.send?.(result, onSent);
const formatStack = (error: unknown) => String((error instanceof Error && error.stack) || error);

process.on('disconnect', () => process.exit());
try {
  const { [exportName]: handler } = await import(pathToFileURL(join(folder, `${file}.mjs`)).href);
  if (typeof handler !== 'function') throw new Error(`${file}.mjs exports no function ${exportName}.`);
  process.on('message', async ({ awsRequestId, event, deadlineMs }: RuntimeEvent) => {
    const getRemainingTimeInMillis = () => deadlineMs - Date.now();
    try {
      const response = await handler(event, { ...CONTEXT, awsRequestId, getRemainingTimeInMillis });
      send({ awsRequestId, response: JSON.stringify(response) ?? 'null' });
    } catch (error) {
      send({ awsRequestId, error: formatStack(error) });
    }
  });
  send({});
} catch (error) {
  send({ error: formatStack(error) }, () => process.exit(1));
}
