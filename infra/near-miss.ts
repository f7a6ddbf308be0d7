/** Fewer letters than this are in too many words to tell anything. */
const TELLING = 4;

/**
 * Finds the settings that somebody may have meant by a name. CDK passes over a context name that nobody asks for, so
 * without this `-c timezone=…` would deploy the default and say nothing.
 *
 * A name is near another when they differ in case, hyphens and underscores only, when one holds the other, or when one
 * letter in four was mistyped. Names with `:`, `/` or `@` are CDK's own and near nothing.
 *
 * @param written a name that is no setting.
 * @param names the settings there are.
 * @returns those that are near; just the one if it differs in case, hyphens and underscores only.
 */
export function nearMisses(written: string, names: readonly string[]): string[] {
  if (/[:/@]/.test(written)) return [];
  const plain = plainName(written);
  const same = names.filter((name) => plainName(name) === plain);
  if (same.length > 0) return same;
  return names.filter((name) => holds(plainName(name), plain) || isMistyped(plainName(name), plain));
}

const plainName = (name: string) => name.toLowerCase().replace(/[-_.\s]/g, '');

function holds(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= TELLING && long.includes(short);
}

function isMistyped(name: string, written: string): boolean {
  return distance(name, written) <= Math.floor(name.length / 4);
}

/** @returns how many letters must be put in, taken out or replaced to make one of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] as number) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] as number) + 1, (next[column] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
