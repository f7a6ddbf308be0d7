/** A query uses what is not known here. It is refused, so that a result is never a guess. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** A text, a regular expression, a span of time, a number, a name, or a sign: in that order. */
const TOKEN =
  /"[^"]*"|\/(?:\\.|[^/\\])+\/|\d+[smhd]\b|\d+(?:\.\d+)?|@?[A-Za-z_]\w*(?:\.\w+)*|!=|>=|<=|[=<>()[\],*|]/y;

/** The parts of a query, from left to right. */
export class Tokens {
  readonly #tokens: readonly string[];
  #at = 0;

  /**
   * @param text the query.
   * @throws {QueryError} when a character begins nothing that is known.
   */
  constructor(text: string) {
    const tokens: string[] = [];
    for (let at = 0; at < text.length; ) {
      if (/\s/.test(text[at] ?? '')) {
        at += 1;
        continue;
      }
      TOKEN.lastIndex = at;
      const [token] = TOKEN.exec(text) ?? [];
      if (token === undefined) throw new QueryError(`Not known: ${text.slice(at, at + 20)}`);
      tokens.push(token);
      at += token.length;
    }
    this.#tokens = tokens;
  }

  /** The part that comes next; empty at the end. */
  get next(): string {
    return this.#tokens[this.#at] ?? '';
  }

  /** Takes the next part, whatever it is. */
  take(): string {
    const { next } = this;
    this.#at += 1;
    return next;
  }

  /** Takes the next part if it is this one. @returns whether it was. */
  takeIf(token: string): boolean {
    const isNext = this.next === token;
    if (isNext) this.#at += 1;
    return isNext;
  }

  /** @throws {QueryError} when the next part is another. */
  expect(token: string): void {
    if (!this.takeIf(token)) throw new QueryError(`Expected ${token}, found ${this.next || 'the end'}`);
  }

  /** Takes the name of a field or a column. @throws {QueryError} when the next part is none. */
  name(): string {
    if (!/^@?[A-Za-z_]/.test(this.next)) {
      throw new QueryError(`Expected a name, found ${this.next || 'the end'}`);
    }
    return this.take();
  }

  /** Takes a text, without its quotes. @throws {QueryError} when the next part is none. */
  text(): string {
    if (!this.next.startsWith('"')) throw new QueryError(`Expected a text, found ${this.next || 'the end'}`);
    return this.take().slice(1, -1);
  }

  /** Takes a whole number. @throws {QueryError} when the next part is none. */
  number(): number {
    if (!/^\d+$/.test(this.next)) throw new QueryError(`Expected a number, found ${this.next || 'the end'}`);
    return Number(this.take());
  }

  /** Takes one or more, with commas between them. */
  list<T>(one: () => T): T[] {
    const all = [one()];
    while (this.takeIf(',')) all.push(one());
    return all;
  }
}
