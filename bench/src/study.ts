import type { Owner } from '@live-feed/tools/stack/owner';

/** Something that is measured once, of Live Feed alone: no candidates, no rounds. */
export interface Study {
  readonly name: string;
  /** One sentence for people. */
  readonly question: string;
  run(options: StudyOptions): Promise<StudyResult>;
}

interface StudyOptions {
  readonly owner: Owner;
  readonly env: NodeJS.ProcessEnv;
  /** Told what happens, for whoever waits. */
  readonly say: (line: string) => void;
}

interface StudyResult {
  /** For people. */
  readonly text: string;
  /** For programs, as it is. */
  readonly facts: Readonly<Record<string, unknown>>;
}
