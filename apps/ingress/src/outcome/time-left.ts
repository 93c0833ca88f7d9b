import type { SubmissionTools } from '../submit/submission-tools.ts';

/** A process that stops ends every wait and has so long left to put leads on disk, see `close-http.ts`. */
const STOPPING_MS = 3_000;

/** No longer than this process can go on, milliseconds. */
export function withinStop({ drain }: Pick<SubmissionTools, 'drain'>, ms: number): number {
  return Math.min(ms, drain.answersEndInMs() + STOPPING_MS);
}
