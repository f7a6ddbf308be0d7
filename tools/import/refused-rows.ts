import { escapeControlCharacters } from '../cli.ts';

/** More rows are counted and not named: a wrong file would fill the screen. */
const MAX_NAMED_ROWS = 100;

/** Names the rows that are not imported, on standard error. */
export class RefusedRows {
  /** How many there are. */
  count = 0;

  /**
   * @param rows begins the sentence, such as `Row 7 is`.
   * @param reason goes on with it, without its full stop.
   * @param rowCount how many rows it is about.
   */
  add(rows: string, reason: string, rowCount = 1): void {
    const before = this.count;
    this.count += rowCount;
    if (before < MAX_NAMED_ROWS) console.error(escapeControlCharacters(`${rows} not imported: ${reason}.`));
  }

  /** Prints how many there are, where not all were named. */
  printRest(): void {
    if (this.count > MAX_NAMED_ROWS)
      console.error(`${this.count} rows are not imported. The first are named above.`);
  }
}
