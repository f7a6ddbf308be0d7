import {
  type Fault,
  fail,
  failAfterWrite,
  halfAnswer,
  lateAfter,
  loseAnswer,
  notJson,
  pass,
  reset,
  silence,
} from '../local/faulty-dynamodb.ts';

/** What happens to requests to the table, each with its weight: a tenth of them meets a fault. */
const FAULTS: readonly Weighted<Fault>[] = [
  [pass, 900],
  [loseAnswer, 20],
  [fail(400, 'ThrottlingException'), 15],
  [fail(400, 'ProvisionedThroughputExceededException'), 15],
  [fail(500, 'InternalServerError'), 10],
  [failAfterWrite(500, 'InternalServerError'), 10],
  [reset, 10],
  [halfAnswer, 10],
  [notJson, 8],
  [lateAfter(3_000), 1],
  [silence, 1],
];

/** A choice, and how often it is made in proportion to the others of its list. */
export type Weighted<T> = readonly [choice: T, weight: number];

/** Chooses what happens to a request. */
export function randomFault(): Fault {
  return chooseRandom(FAULTS);
}

/**
 * Chooses one of a list by weight.
 *
 * @throws {Error} when the list is empty.
 */
export function chooseRandom<T>(choices: readonly Weighted<T>[]): T {
  let rest = Math.random() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    rest -= weight;
    if (rest < 0) return choice;
  }
  throw new Error('There is nothing to choose from.');
}
