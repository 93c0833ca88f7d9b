import { z } from 'zod';

/** What a load generator is told to do. */
export const loadPlanSchema = z.object({
  /** Leads are posted here. */
  url: z.string(),
  apiKey: z.string(),
  campaignId: z.string(),
  /** Each waits for its answer, then posts the next lead. */
  callers: z.int().min(1),
  /** What happens in it is not measured. */
  warmupMs: z.number().min(0),
  measuredMs: z.number().min(1),
  /** Phones of 10 digits are counted up from here. */
  firstPhone: z.int().min(2_000_000_000),
});

export type LoadPlan = z.infer<typeof loadPlanSchema>;

/** What a load generator saw of the measured time. */
const loadResultSchema = z.object({
  /** Answers of 200. */
  accepted: z.int(),
  perSecond: z.number(),
  /** Of the answers of 200, and of callers who waited longer than almost all of these and were still waiting at the end. Null if there are none. */
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  /** Other answers, connections that broke and requests that nobody answered within 30 s, the warm-up included. */
  errors: z.int(),
  /** What they were: by status, or by code of the error. */
  errorsBy: z.record(z.string(), z.int()),
  /** How busy the generator's own thread was; near 100 it is what limits the figures. */
  generatorCpuPercent: z.number(),
});

export type LoadResult = z.infer<typeof loadResultSchema>;

/** The lines that a generator prints: the measured time begins, and what was seen when it is over. */
export const loadReportSchema = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('measuring') }),
  z.object({ phase: z.literal('measured'), result: loadResultSchema }),
]);

export type LoadReport = z.infer<typeof loadReportSchema>;
