import { HARMLESS_BODY } from '../lambda/watch/harmless-request.ts';
import type { Settings } from './settings.ts';

/**
 * Writes a command line that tries the deployed service and leaves no trace: it asks to log out a connection that
 * does not exist, and the service responds 404 with the code `connection_not_found`. Everything up to the table, and
 * the right to write to it, is then known to work.
 *
 * @param url the URL. Only the part before the path may be a token of CDK.
 * @param region the region that a signature is for.
 * @param settings `auth` and mutual TLS decide what the caller shows: credentials or a token from the environment, a
 *   certificate and its key from two files.
 * @returns one line for a shell. `curl` 7.88 or later, and nothing else, runs it.
 */
export function writeCurlLine(url: string, region: string, settings: Settings): string {
  return [
    'curl -i -X PUT',
    ...(settings.truststoreUri ? ['--cert terminal.pem --key terminal.key'] : []),
    ...credentials(settings.auth, region),
    `-H 'Content-Type: application/json' -d '${HARMLESS_BODY}'`,
    url,
  ].join(' ');
}

function credentials(auth: Settings['auth'], region: string): string[] {
  if (auth === 'none') return [];
  if (auth === 'lambda') return ['-H "Authorization: $TOKEN"'];
  if (auth === 'jwt') return ['-H "Authorization: Bearer $TOKEN"'];
  return [
    `--aws-sigv4 aws:amz:${region}:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`,
    // For temporary credentials only: a header without a value is signed by curl, but not sent.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell inserts the value.
    '${AWS_SESSION_TOKEN:+-H"X-Amz-Security-Token: $AWS_SESSION_TOKEN"}',
  ];
}
