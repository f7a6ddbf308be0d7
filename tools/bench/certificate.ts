import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate for 127.0.0.1, of the kind that AWS's servers have. */
export interface Certificate {
  /** The path of a file with it, for `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  /** The certificate and its key, as PEM. */
  readonly cert: string;
  readonly key: string;
  /** Deletes the file. */
  remove(): Promise<void>;
}

/** Makes a self-signed certificate that is valid for a year. */
export async function makeCertificate(): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const folder = await mkdtemp(join(tmpdir(), 'connection-logout-'));
  const file = join(folder, 'cert.pem');
  await writeFile(file, cert);
  return { file, cert, key, remove: () => rm(folder, { recursive: true }) };
}
