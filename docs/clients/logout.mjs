// Logs a connection out with fetch: Node.js 18 or later.

import { pathToFileURL } from 'node:url';

const WAITS_S = [1, 2, 4, 8, 15];

/** Makes the body of a logout, once, with its time. Keep it until `logOut` returns. */
export function makeBody(connection) {
  return JSON.stringify({ date_logout: new Date().toISOString(), ...connection });
}

/**
 * Sends a body until there is a response that settles it.
 *
 * @param headersFor returns the headers that authenticate the caller, anew for each attempt.
 * @param justLoggedIn whether to repeat a 404 three times.
 * @returns the HTTP status and the fields of the response.
 * @throws if the outcome is still unknown, or `headersFor` throws: send the same body again later.
 */
export async function logOut(url, body, headersFor = async (_body) => ({}), justLoggedIn = false) {
  for (let attempt = 0; ; attempt++) {
    const headers = { 'content-type': 'application/json', ...(await headersFor(body)) };
    let waitS = WAITS_S[attempt] * (1 - Math.random() / 2);
    try {
      const signal = AbortSignal.timeout(15_000);
      const response = await fetch(url, { method: 'PUT', headers, body, redirect: 'manual', signal });
      const { status } = response;
      waitS = Math.max(waitS, readRetryAfter(response.headers.get('retry-after')));
      const fields = await response.json();
      const repeats404 = status === 404 && justLoggedIn && attempt < 3;
      if (isFinal(status, fields, JSON.parse(body)) && !repeats404) return { status, fields };
    } catch {
      // Not a response.
    }
    if (attempt === WAITS_S.length) {
      throw new Error('It is not known whether the connection was logged out.');
    }
    await new Promise((resolve) => setTimeout(resolve, waitS * 1000));
  }
}

/** Whether this is a response of the service or the gateway that the same request would get again. */
function isFinal(status, fields, sent) {
  if (status === 200 || status === 409) {
    return fields.success === (status === 200) && hexOf(fields.id) === hexOf(sent.id);
  }
  if (fields.errors?.length === 1 && fields.errors[0].field === 'date_logout') return false;
  return [400, 401, 403, 404, 413, 415].includes(status) && typeof fields.message === 'string';
}

/** The digits of a GUID, which may be written in several ways. */
function hexOf(guid) {
  return String(guid)
    .toLowerCase()
    .replace(/[^0-9a-f]/g, '');
}

/** Reads `Retry-After`, a number or a date. Returns seconds, 60 at most. */
function readRetryAfter(text) {
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Math.min(seconds || 0, 60);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = process.env.URL ?? 'http://127.0.0.1:3000/api/tt_cmd_connection/logout';
  const id = process.env.ID ?? '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713';
  const body = makeBody({ id, terminal_id: 'T-0412' });
  const { status, fields } = await logOut(url, body, undefined, process.env.JUST_LOGGED_IN === 'yes');
  console.log(status, fields.message);
}
