import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { findDatabaseCommand, startDynamoDbLocal } from './dynamodb-local.ts';
import { Environments } from './environments.ts';
import type { ServedRequest } from './exchange.ts';
import { FUNCTION_NAME, functionVariables } from './function-variables.ts';
import { startGateway } from './gateway.ts';
import { freePort, portError } from './ports.ts';
import { type SampleConnection, sampleConnections } from './samples.ts';
import { type LocalTemplate, REGION, TABLE_NAME } from './template.ts';

/** What a local stack may be told. */
export interface LocalStackOptions {
  /** The port of HTTP on 127.0.0.1; by default, as 0, any free one. */
  readonly port?: number;
  /** The port of DynamoDB Local; by default, as 0, any free one. */
  readonly dynamodbPort?: number;
  /** The function's `TIME_ZONE`, an IANA name; by default what the template says. */
  readonly timeZone?: string | undefined;
  /** Where the function finds DynamoDB, such as a proxy that makes faults; by default DynamoDB Local. */
  readonly functionEndpoint?: string | undefined;
  /** The port of a debugger for the function, free at this moment; by default there is none. Requests then take turns. */
  readonly inspectPort?: number;
  /**
   * Gives what to run, once it is sure that the ports are free and DynamoDB Local can be started; by default the
   * stack, synthesized then, for which the bundle must have been built.
   */
  template?(): Promise<LocalTemplate>;
  /** Told once for each request, when it is answered. */
  served?(request: ServedRequest): void;
  /** Told each line of the function that is not its report of a request. */
  stray?(line: string, stream: 'stdout' | 'stderr'): void;
  /** Told each line of the function's standard output as it was written, reports too. */
  raw?(line: string): void;
  /** Told, in a few words, what is done, when it is done. */
  progress?(step: string): void;
}

/** The service on this machine, serving. */
export interface LocalStack {
  /** The URL of the route. */
  readonly url: string;
  readonly method: string;
  /** The URL of DynamoDB Local, which takes any credentials and region. */
  readonly dynamodbEndpoint: string;
  readonly tableName: string;
  /** What is in the table at the start; the first is logged in. */
  readonly samples: readonly [SampleConnection, ...SampleConnection[]];
  /** Resolves, with a sentence, if the stack cannot go on since DynamoDB Local ended; never rejects. */
  readonly failed: Promise<string>;
  /** The process ids of the function's environments. */
  functionPids(): number[];
  /** Ends everything that was started and waits for that, some two seconds at most. */
  close(): Promise<void>;
}

/**
 * Starts the whole service on this machine: DynamoDB Local with the table and sample connections, the function, and
 * in front of it, last of all, HTTP.
 *
 * @throws {UserError} if a port is taken, nothing can run DynamoDB Local, or it does not start.
 * @throws {FunctionInitError} if the function does not load.
 * @throws what synthesizing fails with. Nothing is left running then.
 */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const { progress = () => {}, stray = () => {}, raw = () => {}, served = () => {} } = options;
  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((part) => part.close()));
  };
  try {
    const port = await freePort(options.port ?? 0, 'PORT', '127.0.0.1');
    const dynamodbPort = await freePort(options.dynamodbPort ?? 0, 'DYNAMODB_PORT');
    const command = await findDatabaseCommand();

    const starting = startDynamoDbLocal(command, dynamodbPort).then((database) => {
      started.push(database);
      progress(`DynamoDB Local is up (${command})`);
      return database;
    });
    const [template, database] = await both((options.template ?? synthesized)(), starting);

    const environments = new Environments(
      {
        name: FUNCTION_NAME,
        ...template.function,
        inspectPort: options.inspectPort,
        variables: functionVariables(
          template,
          options.functionEndpoint ?? database.endpoint,
          options.timeZone,
        ),
      },
      { stray, raw },
    );
    started.push(environments);
    const samples = sampleConnections(new Date());
    await both(
      createTable(database.endpoint, template.table, samples).then(() =>
        progress(`Table ${TABLE_NAME} is there, with ${samples.length} connections in it`),
      ),
      environments.warmUp().then(() => progress('The function is loaded')),
    );

    const gateway = await startGateway({
      route: template.route,
      port,
      invoke: (event, signal) => environments.invoke(event, signal),
      served,
    }).catch((error: unknown) => {
      throw portError(error, port, 'PORT');
    });
    started.push(gateway);
    return {
      url: gateway.url,
      method: template.route.method,
      dynamodbEndpoint: database.endpoint,
      tableName: TABLE_NAME,
      samples,
      failed: database.died,
      functionPids: () => environments.pids,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** CDK takes a moment to load: only where it is needed. */
async function synthesized(): Promise<LocalTemplate> {
  const { synthesize } = await import('./synthesize.ts');
  return synthesize();
}

/** Like `Promise.all`, but when one fails the other is waited for, so that what it started can be ended. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const results = await Promise.allSettled([first, second]);
  const [one, other] = results;
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}

async function createTable(
  endpoint: string,
  { KeySchema, AttributeDefinitions }: LocalTemplate['table'],
  samples: readonly SampleConnection[],
): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials });
  const documents = DynamoDBDocumentClient.from(client);
  await client.send(
    new CreateTableCommand({
      TableName: TABLE_NAME,
      KeySchema,
      AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  for (const Item of samples) {
    await documents.send(new PutCommand({ TableName: TABLE_NAME, Item }));
  }
  client.destroy();
}
