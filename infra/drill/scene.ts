import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  type Exchange,
  type FaultyDynamoDb,
  faultyDynamoDb,
  pass,
  type Fault as WriteFault,
} from '../../test/support/faulty-dynamodb.ts';
import { freePort } from '../local/ports.ts';
import { type LocalStack, startLocalStack } from '../local/stack.ts';
import { REGION } from '../local/template.ts';
import type { Breakage } from './faults.ts';
import { Recorder } from './recording.ts';
import type { DrillTemplate } from './template.ts';
import { type LogoutStory, logOut, type Terminal, terminals } from './terminals.ts';

/** What the person at the keyboard is told while the stack starts, and what they must see of the function. */
export interface SceneOptions {
  /** Builds and synthesizes; called once it is sure that DynamoDB Local can be started. */
  synthesized(): Promise<DrillTemplate>;
  progress(step: string): void;
  stray(line: string, stream: 'stdout' | 'stderr'): void;
}

/** Terminals log out one after the other, that many milliseconds apart. */
const STAGGER_MS = 250;

/** The local stack, with a proxy between the function and its table that can be broken. */
export class Scene {
  readonly template: DrillTemplate;
  readonly recorder: Recorder;
  /** Resolves, with a sentence, if it cannot go on since DynamoDB Local ended; never rejects. */
  readonly failed: Promise<string>;
  readonly #stack: LocalStack;
  readonly #proxy: FaultyDynamoDb;
  readonly #breaker: Breaker;
  readonly #table: DynamoDBDocumentClient;
  #isReleaseBad = false;

  private constructor(
    stack: LocalStack,
    proxy: FaultyDynamoDb,
    breaker: Breaker,
    template: DrillTemplate,
    recorder: Recorder,
  ) {
    this.#stack = stack;
    this.#proxy = proxy;
    this.#breaker = breaker;
    this.template = template;
    this.recorder = recorder;
    this.failed = stack.failed;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    this.#table = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: stack.dynamodbEndpoint, region: REGION, credentials }),
    );
  }

  /**
   * Starts everything.
   *
   * @throws what `startLocalStack` throws. Nothing is left running then.
   */
  static async open({ synthesized, progress, stray }: SceneOptions): Promise<Scene> {
    // The proxy comes first, since the function is told of it: so the table's port must be known.
    const dynamodbPort = await freePort(0, 'DYNAMODB_PORT');
    const breaker: Breaker = { fault: pass };
    const proxy = await faultyDynamoDb(`http://127.0.0.1:${dynamodbPort}`, ({ operation }) =>
      operation === 'UpdateItem' ? breaker.fault : pass,
    );
    const made: { template?: DrillTemplate; recorder?: Recorder } = {};
    try {
      const stack = await startLocalStack({
        dynamodbPort,
        functionEndpoint: proxy.endpoint,
        async template() {
          made.template = await synthesized();
          made.recorder = new Recorder(made.template.local.function.folder);
          return made.template.local;
        },
        raw: (line) => made.recorder?.line(line),
        served: (request) => made.recorder?.served(request),
        stray,
        progress,
      });
      const { template, recorder } = made;
      if (template === undefined || recorder === undefined) throw new Error('It started without a template.');
      return new Scene(stack, proxy, breaker, template, recorder);
    } catch (error) {
      await proxy.close();
      throw error;
    }
  }

  /** Breaks one thing. */
  async break(by: Breakage): Promise<void> {
    if (by.what === 'connections') await this.#proxy.refuse();
    if (by.what === 'release') this.#isReleaseBad = true;
    if (by.what === 'writes') {
      this.#breaker.fault = (exchange) => {
        if (by.throttles) this.recorder.throttled();
        return by.fault(attemptOf(exchange))(exchange);
      };
    }
  }

  /** Mends it. Returns at once: what is under way may still be late. */
  async mend(by: Breakage): Promise<void> {
    this.#breaker.fault = pass;
    this.#isReleaseBad = false;
    if (by.what === 'connections') await this.#proxy.accept();
  }

  /** Waits until nothing is on its way to the table any more. */
  settled(): Promise<void> {
    return this.#proxy.settled();
  }

  /**
   * Lets new terminals log in, and out again, a moment apart.
   *
   * @param staggerMs the moment; 0 for all at once.
   * @returns how it went for each, when the last is content or has given up.
   */
  async logOutTerminals(staggerMs: number = STAGGER_MS): Promise<LogoutStory[]> {
    const all = terminals(Date.now());
    await Promise.all(all.map((terminal) => this.#logIn(terminal)));
    return Promise.all(
      all.map(async (terminal, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * staggerMs));
        return logOut(terminal, this.#stack.url, () => this.#isReleaseBad);
      }),
    );
  }

  /** The item of a connection, past the proxy. */
  async stored(id: string): Promise<Record<string, unknown> | undefined> {
    const { tableName } = this.#stack;
    const { Item } = await this.#table.send(
      new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true }),
    );
    return Item;
  }

  /** Ends everything that was started, some two seconds at most. */
  async close(): Promise<void> {
    this.#table.destroy();
    await Promise.all([this.#stack.close(), this.#proxy.close().catch(() => {})]);
  }

  async #logIn({ connection }: Terminal): Promise<void> {
    await this.#table.send(new PutCommand({ TableName: this.#stack.tableName, Item: connection }));
  }
}

/** What happens to writes at this moment. */
interface Breaker {
  fault: WriteFault;
}

/** Which attempt of the SDK's a request is, as the SDK itself says. */
function attemptOf({ response }: Exchange): number {
  const [, attempt] = /attempt=(\d+)/.exec(String(response.req.headers['amz-sdk-request'])) ?? [];
  return Number(attempt ?? 1);
}
