/**
 * What the person who runs synth can put right, such as a wrong setting. Its message is written for that person and
 * is shown without a stack. Anything else that is thrown is a defect of the stack.
 */
export class SynthError extends Error {
  override readonly name = 'SynthError';
}
