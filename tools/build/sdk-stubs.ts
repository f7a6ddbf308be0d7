/**
 * Stands in the bundle for parts of the SDK that one `UpdateItem` never uses. Whoever reaches one of them gets a
 * sentence. What each would cost is in docs/performance.md.
 */
function unused(part: string): never {
  throw new Error(`The bundle is built without the SDK's ${part}: see tools/build/build.ts.`);
}

/** The chain of credential providers: a Lambda's credentials come from its environment, where `config.ts` reads them. */
export function defaultProvider(): never {
  return unused('chain of credential providers');
}

/** Event streams, which DynamoDB has none of. */
export function eventStreamSerdeProvider(): never {
  return unused('event streams');
}

/** Event streams, which DynamoDB has none of. */
export function EventStreamSerde(): never {
  return unused('event streams');
}

/** The cache of endpoint discovery, which the client is told not to do: made with every client, but never asked. */
export class EndpointCache {
  /** Reads nothing. */
  get(): never {
    return unused('endpoint discovery');
  }
}
