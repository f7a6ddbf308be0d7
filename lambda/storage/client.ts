import type { Agent } from 'node:https';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * How long the store may take, in milliseconds. All of it is set in so many words, since the SDK's defaults move:
 * those of November 2026 can wait seven seconds between throttled attempts. The terminal retries too, so attempts
 * multiply, and few are enough.
 */
export const STORE_LIMITS = {
  /** The longest an attempt may wait for a connection, TLS included. */
  connection: 1_000,
  /** The longest an attempt may wait for its answer, or for the next part of it. A cold start's first is slow. */
  attempt: 1_500,
  /** The longest waits before the second attempt and before the third, each cut by up to half at random. */
  waits: [100, 300],
  /** The end of it all, whatever the attempts are at. */
  deadline: 5_500,
} as const;

/** How often a write is sent at most. */
export const STORE_ATTEMPTS = STORE_LIMITS.waits.length + 1;

/** The longest that the attempts and the waits between them take together, in milliseconds. */
export const WORST_STORE_TIME = STORE_LIMITS.waits.reduce<number>(
  (sum, wait) => sum + wait,
  STORE_ATTEMPTS * STORE_LIMITS.attempt,
);

/** Where the table is, and who asks. */
export interface ClientSettings {
  readonly region: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** A URL in place of the region's own, such as that of DynamoDB Local. */
  readonly endpoint?: string;
}

/**
 * Makes the client of the table. What it does not need to look for it is told, so that no configuration file and no
 * chain of credential providers is asked at start-up.
 *
 * @param httpsAgent where its requests over HTTPS get their connections from.
 */
export function documentClient(
  { region, credentials, endpoint }: ClientSettings,
  httpsAgent: Agent,
): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: STORE_ATTEMPTS,
    retryStrategy,
    requestHandler: {
      httpsAgent,
      connectionTimeout: STORE_LIMITS.connection,
      requestTimeout: STORE_LIMITS.attempt,
      socketTimeout: STORE_LIMITS.attempt,
      throwOnRequestTimeout: true,
    },
    retryMode: 'standard',
    defaultsMode: 'standard',
    accountIdEndpointMode: 'disabled',
    endpointDiscoveryEnabled: false,
    ignoreConfiguredEndpointUrls: true,
    authSchemePreference: [],
    disableClockSkewCorrection: false,
    userAgentAppId: '',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
  });
  // Numbers stay text: a large one in an attribute of somebody else's would throw after the write.
  return DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: true } });
}

/**
 * Every request has the same attempts, whatever became of those before it. The SDK's own strategy has a quota of
 * retries, to which only a write that succeeds gives back: an environment that sees lost answers and repeats all day
 * would one day send once only.
 */
const retryStrategy: Extract<DynamoDBClientConfig['retryStrategy'], { recordSuccess: unknown }> = {
  acquireInitialRetryToken: async () => retryToken(0),
  async refreshRetryTokenForRetry(token, { errorType }) {
    const retry = token.getRetryCount() + 1;
    const mayPass = errorType === 'TRANSIENT' || errorType === 'THROTTLING';
    if (!mayPass || retry === STORE_ATTEMPTS) throw new Error('There is no further attempt.');
    return retryToken(retry);
  },
  recordSuccess() {},
};

/** @param retry 0 for the first attempt, 1 for the second. */
function retryToken(retry: number): { getRetryCount(): number; getRetryDelay(): number } {
  const longest = STORE_LIMITS.waits[retry - 1] ?? 0;
  const wait = longest * (1 - Math.random() / 2);
  return { getRetryCount: () => retry, getRetryDelay: () => wait };
}
