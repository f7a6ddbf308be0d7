import type { LogFields } from '../../lambda/observability.ts';

/**
 * Reads the line that the function logs for a request.
 *
 * @param text a line of the function's standard output.
 * @returns its fields, or undefined if the line is something else.
 */
export function parseLogLine(text: string): Partial<LogFields> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text);
    return typeof value.outcome === 'string' && typeof value.request_id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
