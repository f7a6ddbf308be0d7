/** The part of the SDK's errors that is looked at. */
export interface SdkError extends Error {
  /** Set on what the table responded, whatever its name: `name`, `message` and `code` are then the table's words. */
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The name of the error by which DynamoDB says that the condition was not met. */
export const CONDITION_FAILED = 'ConditionalCheckFailedException';

/**
 * What the table refuses permanently: no access, unknown credentials, a missing table, an invalid request.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
const PERMANENT_ERRORS = [
  'AccessDeniedException',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'ResourceNotFoundException',
  'SerializationException',
  'UnrecognizedClientException',
  'ValidationException',
];

/** Other errors whose messages are DynamoDB's own, and may be logged. */
const LOGGABLE_ERRORS = [
  'InternalServerError',
  'InternalServerErrorException',
  'InternalFailure',
  'ItemCollectionSizeLimitExceededException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionConflictException',
  'TransactionInProgressException',
];

/** Errors of the SDK and of this service, which quote nothing. */
const OWN_ERRORS = [
  'ContradictoryResponseError',
  'MissingCertificateError',
  'MissingClaimsError',
  'TimeoutError',
  'WrongItemError',
  'WrongWriteError',
];

/** What DynamoDB says of a signature whose time is too far from its own: "Signature not yet current: …". */
const REFUSED_FOR_ITS_TIME = /^Signature (?:not yet current|expired)/;

/** The client errors of HTTP that may pass: 408 Request Timeout and 429 Too Many Requests. */
const TRANSIENT_STATUS = [408, 429];

/** Whether the table refuses the write permanently. Anything else may pass. */
export function isPermanentError({ name, message, $fault, $metadata }: SdkError): boolean {
  if ($fault === undefined) return false;
  const status = $metadata?.httpStatusCode ?? 500;
  if (status >= 500 || TRANSIENT_STATUS.includes(status)) return false;
  return PERMANENT_ERRORS.includes(name) && !REFUSED_FOR_ITS_TIME.test(message);
}

/**
 * Whether an error's name is known, and its message is the wording of AWS, of Node.js or of this service. Any other may
 * quote a request or an item: something on the way can respond in the table's place.
 */
export function isLoggable(error: SdkError & { readonly code?: unknown }): boolean {
  const { name, code, $fault } = error;
  if ($fault !== undefined) return [...PERMANENT_ERRORS, ...LOGGABLE_ERRORS].includes(name);
  return OWN_ERRORS.includes(name) || (typeof code === 'string' && NODE_ERROR_CODE.test(code));
}

/** Such as ECONNRESET and EAI_AGAIN, of the operating system, or HPE_INVALID_CONSTANT, of Node.js's parser of HTTP. */
const NODE_ERROR_CODE = /^[A-Z][A-Z0-9_]+$/;

/** Thrown when the table responds to the write without the item that was written. */
export class WrongWriteError extends Error {
  override readonly name = 'WrongWriteError';

  constructor() {
    super('The table responded without the item that it wrote.');
  }
}

/** Thrown when the table shows another item than the one whose condition it says has failed. */
export class WrongItemError extends Error {
  override readonly name = 'WrongItemError';

  constructor() {
    super('The table responded with another item.');
  }
}
