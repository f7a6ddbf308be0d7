import { describe, expect, test } from 'vitest';
import { ContradictoryResponseError } from '../../../lambda/domain/errors.ts';
import { MissingCertificateError, MissingClaimsError } from '../../../lambda/http/errors.ts';
import {
  isLoggable,
  isPermanentError,
  WrongItemError,
  WrongWriteError,
} from '../../../lambda/storage/errors.ts';

/** An error that the table responded with. */
const responded = (name: string, httpStatusCode = 400, message = 'scripted', more: object = {}) =>
  Object.assign(new Error(message), {
    name,
    $fault: 'client' as const,
    $metadata: { httpStatusCode },
    ...more,
  });

/** An error of Node.js or of the SDK: there was no response. */
const local = (name: string, code?: string) => Object.assign(new Error('x'), { name, code });

describe('an error is permanent', () => {
  test.each([
    ...['AccessDeniedException', 'UnrecognizedClientException', 'ExpiredTokenException'],
    ...['MissingAuthenticationTokenException', 'IncompleteSignatureException'],
    ...['ResourceNotFoundException', 'ValidationException', 'SerializationException'],
  ])('where the table responds with %s', (name) => {
    expect(isPermanentError(responded(name))).toBe(true);
  });

  test('where the signature does not match', () => {
    const message = 'The request signature we calculated does not match the signature you provided.';
    expect(isPermanentError(responded('InvalidSignatureException', 400, message))).toBe(true);
  });
});

describe('an error may pass', () => {
  test.each([
    ...['InternalFailure', 'InternalServerError', 'InternalServerErrorException', 'LimitExceededException'],
    ...['ItemCollectionSizeLimitExceededException', 'ProvisionedThroughputExceededException'],
    ...['ReplicatedWriteConflictException', 'RequestLimitExceeded', 'ServiceUnavailable'],
    ...['ServiceUnavailableException', 'Throttling', 'ThrottlingException', 'TooManyRequestsException'],
    ...['TransactionConflictException', 'TransactionInProgressException'],
  ])('and be logged where the table responds with %s', (name) => {
    expect(isPermanentError(responded(name))).toBe(false);
    expect(isLoggable(responded(name))).toBe(true);
  });

  test.each(['SomethingNew', '1', '', 'TimeoutError'])(
    'but not be logged where the table responds with the unknown name "%s"',
    (name) => {
      expect(isPermanentError(responded(name))).toBe(false);
      expect(isLoggable(responded(name))).toBe(false);
    },
  );

  test.each([[408], [429], [500], [501], [503], [529]])(
    'where a known refusal has the status %i',
    (status) => {
      expect(isPermanentError(responded('AccessDeniedException', status))).toBe(false);
    },
  );

  test.each([
    ['Signature not yet current: 20260509T150500Z is still later than 20260509T150459Z'],
    ['Signature expired: 20260509T150000Z is now earlier than 20260509T150500Z'],
  ])('where the signature is refused for its time: %s', (message) => {
    expect(isPermanentError(responded('InvalidSignatureException', 400, message))).toBe(false);
  });

  test.each([['TimeoutError'], ['SyntaxError'], ['AccessDeniedException']])(
    'where there was no response: %s',
    (name) => {
      expect(isPermanentError(local(name))).toBe(false);
    },
  );
});

describe('an error of whose wording', () => {
  test.each([
    ['of the table, permanent', responded('AccessDeniedException')],
    ['of the SDK', local('TimeoutError')],
    ['of this service', new WrongItemError()],
    ['of a write that is not shown', new WrongWriteError()],
    ['of a refusal that shows no reason', new ContradictoryResponseError()],
    ['of a deployment without an authorizer', new MissingClaimsError()],
    ['of a deployment without mutual TLS', new MissingCertificateError()],
    ['of the operating system', local('Error', 'ECONNREFUSED')],
    ['of the resolver of names', local('Error', 'EAI_AGAIN')],
    ['of the parser of HTTP', local('Error', 'HPE_INVALID_CONSTANT')],
    ['of TLS', local('Error', 'ERR_TLS_CERT_ALTNAME_INVALID')],
    ['of a certificate', local('Error', 'DEPTH_ZERO_SELF_SIGNED_CERT')],
  ])('%s may be logged', (_whose, error) => {
    expect(isLoggable(error)).toBe(true);
  });

  test.each([
    [
      'of the table with the code of an error of the system',
      responded('SomethingElse', 403, 'x', { code: 'ECONNRESET' }),
    ],
    ['of a parser', local('SyntaxError')],
    ['of any error', local('Error')],
    ['of an error with another code', local('Error', 'marker')],
    ['of an error with a number for its code', local('Error', '20')],
    ['of an error whose code only begins like one', local('Error', 'ECONNRESET marker')],
  ])('%s may not be logged', (_whose, error) => {
    expect(isLoggable(error)).toBe(false);
  });
});
