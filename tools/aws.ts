import { escapeControlCharacters, UserError } from './cli.ts';

/** What a caller's credentials are refused with, by the services that the commands call. */
const REFUSED_CREDENTIALS = [
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
];

/**
 * Explains an error of an AWS client where the user can fix it: no credentials, no region, a missing resource, a
 * missing permission, an endpoint that cannot be reached.
 *
 * @param action what the command wanted to do, such as `write to the table cmd_connection`.
 * @returns a {@link UserError} with a sentence; any other error as it is.
 */
export function explainAwsError(error: unknown, action: string): unknown {
  if (!(error instanceof Error)) return error;
  const message = escapeControlCharacters(error.message).replace(/\.$/, '');
  const explained = (sentence: string) => new UserError(sentence, { cause: error });
  if (error.name === 'CredentialsProviderError') {
    return explained(
      `There are no AWS credentials to ${action}: ${message}. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    );
  }
  if (error.message === 'Region is missing') {
    return explained(`There is no region to ${action} in: set AWS_REGION, such as AWS_REGION=eu-west-1.`);
  }
  if (REFUSED_CREDENTIALS.includes(error.name)) {
    return explained(
      `AWS refuses the credentials to ${action}: ${message}. Log in again, or set AWS_PROFILE to another profile.`,
    );
  }
  if (error.name === 'AccessDeniedException') {
    return explained(`The credentials give no permission to ${action}: ${message}.`);
  }
  if (error.name === 'ResourceNotFoundException') {
    return explained(
      `What is needed to ${action} does not exist in this account and region: ${message}. Look at the name and at AWS_REGION.`,
    );
  }
  if ('$fault' in error) return explained(`AWS refuses to ${action}: ${error.name}: ${message}.`);
  if ('code' in error) return explained(`AWS cannot be reached to ${action}: ${networkReason(error)}.`);
  return error;
}

/** @returns why there is no answer, in a few words: of several addresses that were tried, the reason of the first. */
export function networkReason(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  if (!(first instanceof Error)) return String(first);
  if (first.name === 'AbortError' || first.name === 'TimeoutError') return 'none came in time';
  return escapeControlCharacters(first.message);
}

/**
 * The region for an AWS client, as part of its configuration.
 *
 * @param given wins over the environment's.
 * @returns the region given, or of AWS_REGION or AWS_DEFAULT_REGION, of which the SDK reads only the first; nothing
 *   where none is set: the SDK then looks into the profile.
 */
export function regionConfig(given?: string): { readonly region?: string } {
  const region = given || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  return region ? { region } : {};
}
