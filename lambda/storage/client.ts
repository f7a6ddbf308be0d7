import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { createRetryStrategy } from './retry-strategy.ts';

/**
 * How long the store may take. All of it is set explicitly, since the SDK's defaults move: those of November 2026 can
 * wait seven seconds between throttled attempts. The terminal retries too, so attempts multiply, and few are enough.
 */
export const STORE_LIMITS = {
  /** How long an attempt may take: connecting, sending, and the response to its last byte. A cold start's first is slow. */
  attemptTimeoutMs: 1_500,
  /** The longest delays before the second attempt and before the third. */
  retryDelaysMs: [100, 300],
} as const;

/** How often a write is sent at most. */
const MAX_STORE_ATTEMPTS = STORE_LIMITS.retryDelaysMs.length + 1;

/** The longest that the attempts and the delays between them take together, which needs no timer of its own. */
export const MAX_STORE_DURATION_MS = STORE_LIMITS.retryDelaysMs.reduce<number>(
  (sum, delayMs) => sum + delayMs,
  MAX_STORE_ATTEMPTS * STORE_LIMITS.attemptTimeoutMs,
);

/** Where the table is, and with what credentials it is called. */
interface ClientSettings {
  readonly region: string;
  readonly credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials'];
  /** A URL in place of the region's own, such as that of DynamoDB Local. */
  readonly endpoint?: string | undefined;
}

/**
 * Makes the client of the table. It is given explicitly what it would look for otherwise, so that no configuration file
 * and no chain of credential providers is read at start-up.
 *
 * @param requestHandler what sends its requests.
 */
export function createClient(
  { region, credentials, endpoint }: ClientSettings,
  requestHandler: NonNullable<DynamoDBClientConfig['requestHandler']>,
): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    credentials,
    // Made once: the SDK would make one for each request.
    signer: new SignatureV4({ service: 'dynamodb', region, credentials, sha256: Sha256 }),
    // The SDK's type has no undefined.
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: MAX_STORE_ATTEMPTS,
    retryStrategy: createRetryStrategy(STORE_LIMITS.retryDelaysMs),
    requestHandler,
    accountIdEndpointMode: 'disabled',
    ignoreConfiguredEndpointUrls: true,
    authSchemePreference: [],
    disableClockSkewCorrection: false,
    userAgentAppId: '',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
  });
  // Numbers stay text: a large one in an attribute that the service does not know would throw after the write.
  return DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: true } });
}
