import type { Owner } from '@live-feed/tools/stack/owner';
import type { Machine, Table, Verdict } from './finding.ts';

/** Something that can be measured by its name. */
export interface Study {
  readonly name: string;
  /** For its part of docs/performance.md. */
  readonly title: string;
  /** One sentence for people. */
  readonly question: string;
  /** What must be known to read the figures. */
  readonly note?: string;
  /** Measured time, alone and when everything is measured; null where it takes as long as it takes. */
  readonly seconds: { readonly alone: number; readonly inAll: number } | null;
  /** Only where rounds mean something. */
  readonly rounds?: { readonly alone: number; readonly inAll: number };
  run(options: StudyOptions): Promise<StudyResult>;
}

export interface StudyOptions {
  /** Of everything that is started for the study, and for no other. */
  readonly owner: Owner;
  readonly env: NodeJS.ProcessEnv;
  /** As the study's own, or as asked for. */
  readonly seconds: number;
  readonly rounds: number;
  /** Told what happens, for whoever waits. */
  readonly say: (line: string) => void;
}

export interface StudyResult {
  readonly machine: Machine;
  readonly tables: Table[];
  /** Sentences that the figures make. */
  readonly remarks?: string[];
  readonly verdicts: Verdict[];
  /** For programs, as it is. */
  readonly facts: Record<string, unknown>;
}
