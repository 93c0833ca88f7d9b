import { z } from 'zod';

const common = {
  /** Whose leads they are, by turns. */
  companies: z.array(z.object({ key: z.string(), campaignId: z.string() })).min(1),
  /** What happens in it is not measured. */
  warmupMs: z.number().min(0),
  measuredMs: z.number().min(1),
  /** Phones of 10 digits are counted up from here. */
  firstPhone: z.int().min(2_000_000_000),
};

/** Callers who each wait for an answer, then post the next lead. */
export const callersPlanSchema = z.object({
  kind: z.literal('callers'),
  /** Leads are posted here. */
  url: z.string(),
  callers: z.int().min(1),
  ...common,
});

/** Leads that come evenly spaced, whether those before have been answered or not. */
export const pacedPlanSchema = z.object({
  kind: z.literal('paced'),
  /** Leads of each company are posted to these by turns. */
  urls: z.array(z.string()).min(1),
  /** Of all companies together. */
  perSecond: z.number().positive(),
  ...common,
});

export type CallersPlan = z.infer<typeof callersPlanSchema>;
export type PacedPlan = z.infer<typeof pacedPlanSchema>;

/** Whose turn it is. */
export function companyOf({ companies }: Pick<PacedPlan, 'companies'>, turn: number) {
  const company = companies[turn % companies.length];
  if (company === undefined) throw new RangeError('A load needs a company.');
  return company;
}

/** What a load generator saw of the measured time. */
const loadResultSchema = z.object({
  /** Answers of 200; of a paced load, to what was sent in it. */
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
  /** Of a paced load, the warm-up included; by now each was answered, has failed or is given up. */
  whole: z.object({ sent: z.int(), accepted: z.int() }).optional(),
});

export type LoadResult = z.infer<typeof loadResultSchema>;

/** The lines that a generator prints: the measured time begins, is over, and what was seen of it. */
export const loadReportSchema = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('measuring') }),
  z.object({ phase: z.literal('measured') }),
  z.object({ phase: z.literal('result'), result: loadResultSchema }),
]);

export type LoadReport = z.infer<typeof loadReportSchema>;
