import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Headers that end at the gateway: they are about the connection, and it makes a new one. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Types beside `text/*` whose bodies the gateway passes as text. `application/problem+json` is not one of them. */
const TEXT_TYPES = new Set(['application/json', 'application/javascript', 'application/xml']);

/**
 * Splits the target of a request line, which may be a whole URL too.
 *
 * @param target what stands between method and version.
 * @returns path and query as they were sent, without the question mark.
 */
export function splitTarget(target: string): { path: string; query: string } {
  const [, path = '', query = ''] = /^(?:https?:\/\/[^/?]*)?([^?]*)\??(.*)$/is.exec(target) ?? [];
  return { path, query };
}

/**
 * Translates a request as the HTTP API does for payload format 2.0.
 *
 * @param request the request, its body read.
 * @param body that body.
 * @param routeKey the route that it matched, such as `PUT /path`.
 * @param requestId the id that the answer carries too.
 * @param now milliseconds since 1970.
 */
export function toEvent(
  request: IncomingMessage,
  body: Buffer,
  routeKey: string,
  requestId: string,
  now: number,
): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.url ?? '');
  const pairs = headerPairs(request.rawHeaders);
  const headers = join(pairs.filter(([name]) => name !== 'cookie' && !HOP_BY_HOP.has(name)));
  const cookies = pairs.flatMap(([name, value]) => (name === 'cookie' ? value.split(';') : []));
  const sourceIp = request.socket.remoteAddress ?? '';
  headers['content-length'] = String(body.length);
  headers['x-forwarded-for'] = [headers['x-forwarded-for'], sourceIp].filter(Boolean).join(', ');
  headers['x-forwarded-port'] = String(request.socket.localPort ?? '');
  headers['x-forwarded-proto'] = 'http';
  const isText = isTextType(headers['content-type']);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies: cookies.map((cookie) => cookie.trim()) }),
    headers,
    ...(query !== '' && { queryStringParameters: join(new URLSearchParams(query)) }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method ?? '',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      time: clfTime(now),
      timeEpoch: now,
    },
    // Buffer puts U+FFFD for bytes that are not UTF-8, as the gateway does.
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** @returns names in lower case with values. Not `request.headers`: that drops some of the repeated. */
function headerPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) {
    pairs.push([(raw[index] ?? '').toLowerCase(), raw[index + 1] ?? '']);
  }
  return pairs;
}

/** Repeated names become one, their values joined by commas. By way of a map, as a name may be `__proto__`. */
function join(pairs: Iterable<[string, string]>): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

function isTextType(contentType: string | undefined): boolean {
  const [type = ''] = (contentType ?? '').split(';');
  const plain = type.trim().toLowerCase();
  return plain.startsWith('text/') || TEXT_TYPES.has(plain);
}

/** @returns the instant as access logs have it, such as `12/Mar/2020:19:03:58 +0000`. */
function clfTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
