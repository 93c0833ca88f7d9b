import type { Owner } from '@live-feed/tools/stack/owner';
import type { CandidateName } from './comparison/point.ts';
import type { LeadCosts } from './profile/lead-costs.ts';
import type { Finding } from './report/finding.ts';

/** Something that can be measured by its name. */
export interface Scenario {
  readonly name: string;
  /** Its heading in docs/performance.md. */
  readonly title: string;
  /** One sentence for people. */
  readonly question: string;
  /** What a reader needs to know to understand the figures. */
  readonly note?: string;
  /** Measured time, alone and in `all`; null if it takes as long as it takes. */
  readonly seconds: { readonly alone: number; readonly inAll: number } | null;
  /** Only if it is measured in rounds. */
  readonly rounds?: { readonly alone: number; readonly inAll: number };
  /** Whether it takes `dialers` and `candidates`. */
  readonly narrows?: true;
  run(options: ScenarioOptions): Promise<ScenarioResult>;
  /** For `--profile`. */
  profile?(options: Omit<ScenarioOptions, 'rounds'>): Promise<LeadCosts[]>;
}

export interface ScenarioOptions {
  /** Of everything that is started for this scenario, and of nothing else. */
  readonly owner: Owner;
  readonly env: NodeJS.ProcessEnv;
  readonly seconds: number;
  readonly rounds: number;
  /** Only so many dialers, rising, and only these candidates. Default: all. */
  readonly dialers?: readonly number[];
  readonly candidates?: readonly CandidateName[];
  /** Reports progress. */
  readonly say: (line: string) => void;
}

export type ScenarioResult = Pick<Finding, 'machine' | 'tables' | 'verdicts' | 'facts'> &
  Partial<Pick<Finding, 'remarks'>>;
