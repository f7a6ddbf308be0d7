/**
 * Something that the person at the keyboard can put right: a busy port, no Java, a wrong value. Its message is
 * a sentence that says what to do, and is all that is shown; any other error is a defect and shows its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
