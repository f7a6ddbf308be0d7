/**
 * The one line that the function logs for each request, as far as a person at the terminal wants to see it.
 * What it means is told where the function writes it; here every field may be missing.
 */
export interface FunctionReport {
  readonly outcome: string;
  readonly request_id: string;
  readonly connection_id?: string;
  readonly terminal_id?: string;
  readonly terminal_type?: string;
  readonly failed_condition?: string;
  readonly item_exists?: boolean;
  readonly invalid_fields?: string;
  readonly store_attempts?: number;
  readonly cold_start?: boolean;
  readonly cause?: { readonly name?: string; readonly message?: string; readonly stack?: string };
}

/**
 * Tells the function's report from whatever else it prints.
 *
 * @param line a line of the function's standard output.
 * @returns the report, or undefined if the line is something else.
 */
export function parseReport(line: string): FunctionReport | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line);
    return typeof value.outcome === 'string' && typeof value.request_id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
