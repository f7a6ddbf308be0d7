import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A self-signed certificate for 127.0.0.1, of the kind that AWS's servers have, in PEM. */
export type Certificate = Awaited<ReturnType<typeof makeCertificate>>;

/** @returns the certificate and its key, the path of a file for `NODE_EXTRA_CA_CERTS`, and what deletes that file. */
export async function makeCertificate() {
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const folder = await mkdtemp(join(tmpdir(), 'connection-logout-'));
  const file = join(folder, 'cert.pem');
  await writeFile(file, cert);
  return { file, cert, key, remove: () => rm(folder, { recursive: true }) };
}
