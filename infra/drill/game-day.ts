import { setTimeout as sleep } from 'node:timers/promises';
import { SAVED_QUERIES, type SavedQuery } from '../monitoring/queries.ts';
import { UserError } from '../user-error.ts';
import type { Fault, Finding } from './faults.ts';
import { type QueryResult, runQuery } from './insights/query.ts';
import { type Firing, firings } from './minutes.ts';
import { eventsOf, type LogLine, type Recording } from './recording.ts';
import { type RunbookSection, runbookSection } from './runbook.ts';
import type { Scene } from './scene.ts';
import type { LogoutStory } from './terminals.ts';
import { missing } from './verdict.ts';

/** A terminal's logout, and what the table holds of it in the end. */
interface Outcome {
  readonly story: LogoutStory;
  /** Each answer as status and outcome, such as `503 store_unavailable`. */
  readonly answers: readonly string[];
  /** What is wrong with what the table holds: a sentence; absent where the logout is there, as the terminal gave it. */
  readonly wrong?: string;
}

/** A saved query and what it found. */
export interface QueryRun {
  readonly query: SavedQuery;
  readonly finding: Finding;
  /** The query as it was run: with a value where the saved one says `PASTE-…`. */
  readonly text: string;
  readonly result: QueryResult;
}

/** What came of a drill. */
export interface DrillResult {
  readonly fault: Fault;
  readonly outcomes: readonly Outcome[];
  /** What was recorded while the fault lasted. */
  readonly broken: Recording;
  /** The first log line of a request that was answered as the fault makes it. */
  readonly line?: LogLine;
  readonly firings: readonly Firing[];
  readonly queries: readonly QueryRun[];
  readonly section: RunbookSection;
  /** What the drill expects and did not happen: sentences. */
  readonly missing: readonly string[];
}

/** A busy machine may need more than one try at being healthy. */
const MOST_HEALTHY_TRIES = 5;

/**
 * Records what the service does while nothing is broken: what raises no alarm, however long it goes on.
 *
 * @throws {UserError} if this machine is too busy for that.
 */
export async function recordHealthy(scene: Scene): Promise<Recording> {
  const { recorder, template } = scene;
  // All at once and unrecorded, so that as many environments of the function are warm as a service in use has.
  await scene.logOutTerminals(0);
  for (let tries = 1; ; tries++) {
    const from = Date.now();
    await scene.logOutTerminals();
    const healthy = recorder.between(from, Date.now());
    const [first] = firings(template.alarms, template.measured, healthy, healthy);
    if (first === undefined) return healthy;
    if (tries === MOST_HEALTHY_TRIES) {
      throw new UserError(
        `This machine is so busy that ${first.alarm.name} would fire with nothing broken: try again when it is idle.`,
      );
    }
  }
}

/**
 * Breaks one thing while terminals log out, mends it, waits until each terminal is content, and looks at everything
 * that a person on call would.
 *
 * @param healthy what was recorded while nothing was broken.
 */
export async function drill(fault: Fault, scene: Scene, healthy: Recording): Promise<DrillResult> {
  const { recorder, template } = scene;
  const from = Date.now();
  await scene.break(fault.by);
  const loggingOut = scene.logOutTerminals();
  await sleep(fault.seconds * 1_000);
  const broken = recorder.between(from, Date.now());
  await scene.mend(fault.by);
  const stories = await loggingOut;
  await scene.settled();

  const outcomes = await Promise.all(stories.map((story) => outcomeOf(story, scene)));
  const line = broken.requests.find(({ served }) => `${served.status} ${served.code}` === fault.answer)?.line;
  // Queries are run when it is over, over all of it.
  const all = recorder.between(from, Date.now());
  const result = {
    fault,
    outcomes,
    broken,
    ...(line && { line }),
    firings: firings(template.alarms, template.measured, healthy, broken).toSorted(inOrderOf(fault)),
    queries: fault.queries.map((finding) => runSaved(finding, all, scene, stories)),
    section: runbookSection(fault.section, fault.row),
  };
  return { ...result, missing: missing(result, template.stackName) };
}

/** The alarm whose mail is read comes first, and what was not expected last. */
function inOrderOf({ alarms }: Fault): (one: Firing, other: Firing) => number {
  const place = ({ alarm }: Firing) => {
    const at = alarms.findIndex((id) => alarm.name.endsWith(`-${id}`));
    return at < 0 ? alarms.length : at;
  };
  return (one, other) => place(one) - place(other);
}

async function outcomeOf(story: LogoutStory, scene: Scene): Promise<Outcome> {
  const answers = story.answers.map(({ status, requestId }) =>
    status === undefined ? 'no answer' : `${status} ${scene.recorder.codeOf(requestId)}`,
  );
  const { connection, loggedOutAt } = story.terminal;
  const item = await scene.stored(connection.id);
  const wrong = wrongWith(item?.date_logout, loggedOutAt, story);
  return { story, answers, ...(wrong !== undefined && { wrong }) };
}

function wrongWith(stored: unknown, loggedOutAt: number | undefined, story: LogoutStory): string | undefined {
  const instant = Date.parse(String(stored));
  const last = story.answers.at(-1)?.status;
  if (Number.isNaN(instant)) return last === 200 ? 'answered 200, but not logged out' : 'still logged in';
  if (loggedOutAt !== undefined && instant !== loggedOutAt) return `logged out at ${stored}, another time`;
  return last === 200 ? undefined : 'logged out, but never told so';
}

function runSaved(
  finding: Finding,
  recording: Recording,
  scene: Scene,
  stories: readonly LogoutStory[],
): QueryRun {
  const query = SAVED_QUERIES.find(({ id }) => id === finding.query);
  if (query === undefined) throw new Error(`There is no saved query ${finding.query}.`);
  const text = query.text.replace('PASTE-CONNECTION-ID', stories[0]?.terminal.connection.id ?? '');
  const events = eventsOf(recording, scene.template.local.route);
  return {
    query,
    finding,
    text,
    result: runQuery(
      text,
      query.logs.flatMap((log) => events[log]),
    ),
  };
}
