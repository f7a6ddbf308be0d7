/**
 * Makes text from outside safe to print on one line.
 *
 * @param text anything.
 * @returns the text, control characters and line breaks written as `\u001b`.
 */
export function printable(text: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, escaped);
}
