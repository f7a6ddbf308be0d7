/** One event for the function. */
export interface ToRuntime {
  readonly event: unknown;
  /** Lambda's context object, without its methods. */
  readonly context: object;
  /** When the function's time is up, in milliseconds since 1970. */
  readonly deadline: number;
}

/** The first thing that a function environment says. */
export type RuntimeStart =
  | { readonly type: 'ready' }
  | { readonly type: 'init_error'; readonly problem: Problem };

/** What a function environment says to an event. */
export type RuntimeAnswer =
  | {
      readonly type: 'result';
      /** JSON. */
      readonly payload: string;
    }
  | { readonly type: 'error'; readonly problem: Problem };

/** An error, as it crosses the channel. */
export interface Problem {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/**
 * The line that follows the function's last line for an event on standard output. The answer takes another way than
 * the output: only this line shows that all of the output has been read.
 */
export const END_OF_OUTPUT = '\u0000end of output\u0000';
