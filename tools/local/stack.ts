import { type Engine, type EngineName, findEngine, startEngine } from './engine.ts';
import { LocalFunction, type OnLine } from './function.ts';
import { functionVariables } from './function-variables.ts';
import { startGateway } from './gateway.ts';
import { findFreePort } from './ports.ts';
import { createSamples, type SampleConnection } from './samples.ts';
import { createTable, putItems } from './table.ts';
import { type LocalTemplate, synthesize, TABLE_NAME } from './template.ts';

/** How the stack is run. */
export interface LocalStackOptions {
  /** The port of HTTP on 127.0.0.1. Default: 0, any free one. */
  readonly port?: number | undefined;
  /** The port of the DynamoDB engine. Default: 0, any free one. */
  readonly dynamodbPort?: number | undefined;
  /** The engines to choose from, the preferred first. Default: all. */
  readonly engines?: readonly EngineName[] | undefined;
  /** The function's `TIME_ZONE`, an IANA name. Default: what the template says. */
  readonly timeZone?: string | undefined;
  /** Where the function finds DynamoDB, such as a proxy that makes faults. Default: the engine. */
  readonly functionEndpoint?: string | undefined;
  /** Whether the function listens for a debugger. Default: it does not. */
  readonly isInspected?: boolean;
  /**
   * Returns what to run, called once the ports are known to be free and an engine is found. Default: the stack,
   * synthesized then, for which the bundle must have been built.
   */
  readonly template?: () => Promise<LocalTemplate>;
  /** Called with a few words on each step when it is done. */
  readonly onProgress?: (step: string) => void;
  /** Called with each line that the function writes. */
  readonly onLine?: OnLine;
  /** Called for each response that is the gateway's own. */
  readonly onOwnResponse?: (status: number, requestId: string, reason: string) => void;
}

/** The service on this machine, serving. */
export interface LocalStack {
  /** The URL of the route. */
  readonly url: string;
  readonly method: string;
  readonly engine: Engine;
  /** The URL of the engine. */
  readonly dynamodbEndpoint: string;
  /** What is in the table at the start; the first is logged in. */
  readonly samples: readonly [SampleConnection, ...SampleConnection[]];
  /** Resolves, with a sentence, if the stack cannot go on since the engine ended; never rejects. */
  readonly failed: Promise<string>;
  /**
   * Loads the function's code again. Requests in flight finish with the code that they started with.
   *
   * @throws {FunctionError} if it does not load; the old code then stays.
   */
  reload(): Promise<void>;
  /** Writes the sample connections as they were at the start. */
  restoreSamples(): Promise<void>;
  /** Ends everything that was started and waits for that. */
  close(): Promise<void>;
}

/**
 * Starts the whole service on this machine: an engine with the table and sample connections, the function, and in front
 * of it, last of all, HTTP.
 *
 * @throws {UserError} if a port is taken, this machine can run no engine, or it does not start.
 * @throws {FunctionError} if the function does not load.
 * @throws what synthesizing fails with. Nothing is left running then.
 */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const { onProgress = () => {}, onLine = () => {}, onOwnResponse = () => {} } = options;
  const started: { close(): Promise<void> | void }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((part) => part.close()));
  };
  try {
    const port = await findFreePort(options.port ?? 0, 'PORT', '127.0.0.1');
    const dynamodbPort = await findFreePort(options.dynamodbPort ?? 0, 'DYNAMODB_PORT');
    const engine = await findEngine(options.engines);
    const starting = startEngine(engine, dynamodbPort).then((running) => {
      started.push(running);
      onProgress(`The table's engine is up: ${engine.title}`);
      return running;
    });
    const [template, database] = await both((options.template ?? synthesize)(), starting);

    const endpoint = options.functionEndpoint ?? database.endpoint;
    const variables = functionVariables(template, endpoint, options.timeZone);
    const logout = new LocalFunction({ ...template.function, variables }, onLine, options.isInspected);
    started.push(logout);
    const samples = createSamples(new Date());
    const restoreSamples = () =>
      putItems(
        database.endpoint,
        TABLE_NAME,
        samples.map(({ item }) => item),
      );
    const fillTable = async () => {
      await createTable(database.endpoint, TABLE_NAME, template.table);
      await restoreSamples();
      onProgress(`Table ${TABLE_NAME} is there, with ${samples.length} connections in it`);
    };
    await both(
      fillTable(),
      logout.load().then(() => onProgress('The function is loaded')),
    );

    const { route } = template;
    const invoke = (event: unknown) => logout.invoke(event);
    const gateway = await startGateway({ route, port, invoke, onOwnResponse });
    started.push(gateway);
    const { url } = gateway;
    const reload = () => logout.load();
    return {
      url,
      method: route.method,
      engine,
      dynamodbEndpoint: database.endpoint,
      samples,
      failed: database.died,
      reload,
      restoreSamples,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Like `Promise.all`, but when one fails the other is waited for, so that what it started can be ended. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
