import { z } from 'zod';

/** The result of a scenario, as it is kept in `bench/results/` and shown in `docs/performance.md`. */

const cellSchema = z.union([z.string(), z.number(), z.null()]);

const tableSchema = z.object({
  /** Above it, where there are several. */
  title: z.string().optional(),
  columns: z.array(z.string()),
  /** Null: not known, or nothing to measure. */
  rows: z.array(z.array(cellSchema)),
});

const verdictSchema = z.object({
  /** What was looked at. */
  what: z.string(),
  /** Null: there was nothing to measure, which misses the target. */
  measured: z.number().nullable(),
  must: z.enum(['≥', '≤']),
  target: z.number(),
  unit: z.string(),
  met: z.boolean(),
});

/** Where figures come from; without it they mean nothing. */
const machineSchema = z.object({
  cpu: z.string(),
  cores: z.int(),
  memoryGb: z.number(),
  system: z.string(),
  node: z.string(),
  postgres: z.string(),
  /** Where it took part. */
  redis: z.string().optional(),
});

export const findingSchema = z.object({
  name: z.string(),
  /** ISO 8601. */
  date: z.string(),
  /** With `+` if files differed from it. */
  commit: z.string(),
  machine: machineSchema,
  /** What it was run with; null where it takes no such option. */
  seconds: z.number().nullable(),
  rounds: z.int().nullable(),
  tables: z.array(tableSchema),
  /** Sentences that the figures make. */
  remarks: z.array(z.string()),
  verdicts: z.array(verdictSchema),
  /** The same by name, for programs. */
  facts: z.record(z.string(), z.unknown()),
});

export type Finding = z.infer<typeof findingSchema>;
export type Cell = z.infer<typeof cellSchema>;
export type Table = z.infer<typeof tableSchema>;
/** What was measured against a target. */
export type Verdict = z.infer<typeof verdictSchema>;
export type Machine = z.infer<typeof machineSchema>;
