/**
 * Replaces parts of the SDK that one `UpdateItem` never uses. A stub that is called throws an error that names it.
 */
function unused(part: string): never {
  throw new Error(`The bundle is built without the SDK's ${part}: see tools/build/build.ts.`);
}

/** The chain of credential providers: a Lambda's credentials come from its environment, where `config.ts` reads them. */
export const defaultProvider = (): never => unused('chain of credential providers');

/** Event streams, which DynamoDB has none of. */
export const eventStreamSerdeProvider = (): never => unused('event streams');
export { eventStreamSerdeProvider as EventStreamSerde };

/** The cache of endpoint discovery: made with every client, but never read, since the client does not discover. */
export class EndpointCache {
  readonly get = (): never => unused('endpoint discovery');
}

/** The SDK's own sender of requests, of which the client only asks whether it is given another: it is. */
export const NodeHttpHandler = { create: <Handler>(handler: Handler): Handler => handler };

/** Reads the body of a response, which comes whole from the client's own sender of requests. */
export const streamCollector = (): never => unused('collector of streams');
