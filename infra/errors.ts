/** What the user of synth can fix, such as a wrong setting. Its message is shown without a stack. */
export class SynthError extends Error {
  override readonly name = 'SynthError';
}
