/** What a start costs that does nothing: Node.js and AWS's runtime client. */
export async function handler() {
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
}
