import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../cli.ts';

/** A certificate for 127.0.0.1, of the kind that AWS's servers have. */
export interface Certificate {
  /** The path of a file with it, for `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Deletes the files. */
  remove(): Promise<void>;
}

/**
 * Makes a certificate that is valid for a day.
 *
 * @throws {UserError} when there is no `openssl`.
 */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'connection-logout-'));
  const [file, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const options =
    'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1';
  await promisify(execFile)('openssl', [...options.split(' '), '-keyout', keyFile, '-out', file]).catch(
    () => {
      throw new UserError(
        'A server behind TLS needs a certificate, made with openssl, which is not on the PATH: install it.',
      );
    },
  );
  const [cert, key] = await Promise.all([readFile(file), readFile(keyFile)]);
  return { file, cert, key, remove: () => rm(folder, { recursive: true }) };
}
