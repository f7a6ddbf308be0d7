// Logs a connection out as a caller with AWS credentials, with @smithy/core and @smithy/signature-v4.

import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { logOut, makeBody } from './logout.mjs';

const { URL: url, ID: id, AWS_REGION: region } = process.env;
const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
};
const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });

async function sign(body) {
  const { protocol, host, hostname, pathname: path } = new URL(url);
  const headers = { host, 'content-type': 'application/json' };
  const request = await signer.sign({ method: 'PUT', protocol, hostname, path, headers, body });
  return request.headers;
}

const { status, fields } = await logOut(url, makeBody({ id, terminal_id: 'T-0412' }), sign);
console.log(status, fields.message);
