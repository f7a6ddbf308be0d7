/** What of a request a test cares about. */
export interface PutRequest {
  /** A value that is neither text nor bytes is sent as JSON. Without one the request has no body. */
  readonly body?: unknown;
  /** `application/json` where there is a body and nothing is said; `null` for a request without the header. */
  readonly contentType?: string | null;
  /** Without one the request has no `Accept`, as most .NET clients send it. */
  readonly accept?: string;
  /** More headers, in place of those that a client sends by itself where the names are the same. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the body arrives base64-encoded; by default where the gateway does that. */
  readonly base64?: boolean;
  /** The claims of a verified token, where the route's authorizer is one for tokens. */
  readonly jwt?: Readonly<Record<string, string>>;
  /** The subject of the client certificate, where the domain asks for one. */
  readonly subjectDN?: string;
  readonly requestId?: string;
  /** The gateway's clock, in milliseconds since 1970. Default: now. */
  readonly timeEpoch?: number;
}

const PATH = '/api/tt_cmd_connection/logout';
const ROUTE = `PUT ${PATH}`;

/** Media types whose bodies the gateway hands over as text. It encodes all others, and bodies that name none. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml)\b)/i;

/** Makes the event that an HTTP API hands to the function for a `PUT` of a logout, in payload format 2.0. */
export function putEvent(request: PutRequest = {}): object {
  const { accept, headers, jwt, subjectDN, requestId = 'JKJaXmPLvHcESHA=', timeEpoch = Date.now() } = request;
  const bytes = encodeBody(request.body);
  const contentType =
    request.contentType ?? (request.contentType === undefined ? 'application/json' : undefined);
  const isBase64Encoded = bytes.length > 0 && (request.base64 ?? !TEXT.test(contentType ?? ''));
  return {
    version: '2.0',
    routeKey: ROUTE,
    rawPath: PATH,
    rawQueryString: '',
    headers: {
      'content-length': String(bytes.length),
      host: 'abcde12345.execute-api.eu-west-1.amazonaws.com',
      'x-amzn-trace-id': 'Root=1-69ff1c86-2f0d6f0b4b0a5a1e5d9f3c11',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...(contentType !== undefined && bytes.length > 0 && { 'content-type': contentType }),
      ...(accept !== undefined && { accept }),
      ...headers,
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcde12345',
      domainName: 'abcde12345.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'abcde12345',
      http: { method: 'PUT', path: PATH, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: '' },
      requestId,
      routeKey: ROUTE,
      stage: '$default',
      time: '09/May/2026:15:00:00 +0000',
      timeEpoch,
      ...(subjectDN !== undefined && { authentication: { clientCert: { subjectDN } } }),
      ...(jwt && { authorizer: { jwt: { claims: jwt, scopes: null } } }),
    },
    ...(bytes.length > 0 && { body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

function encodeBody(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
