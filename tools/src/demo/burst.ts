import { percentile } from './percentile.ts';
import { type LeadAnswer, postLeadPatiently } from './post-lead.ts';

export interface BurstSummary {
  readonly accepted: number;
  /** Answered with anything but a success. */
  readonly rejected: number;
  /** Not answered at all. */
  readonly unanswered: number;
  /** What the first of those that were not accepted said. */
  readonly firstProblem: string | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Posts `leads` leads, `atOnce` of them waiting for their answer at any time, each with a phone of its own. */
export async function postBurst(options: {
  readonly ingressUrl: string;
  readonly apiKey: string;
  readonly campaignId: string;
  readonly leads: number;
  readonly atOnce: number;
  readonly onAnswer: () => void;
}): Promise<BurstSummary> {
  const { ingressUrl, apiKey, campaignId, leads, atOnce, onAnswer } = options;
  const results: (LeadAnswer | Error)[] = [];
  let next = 0;
  const caller = async () => {
    while (next < leads) {
      const lead = {
        leadPhone: phoneNumber(next),
        firstName: 'Demo',
        lastName: `Lead ${next + 1}`,
        state: 'NY',
      };
      next += 1;
      results.push(
        await postLeadPatiently(ingressUrl, apiKey, { campaignId, lead }).catch((error: Error) => error),
      );
      onAnswer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return summarise(results);
}

/** 917 555 0000 onwards; the demo companies own numbers of other area codes. */
function phoneNumber(n: number): string {
  return `917555${String(n).padStart(4, '0')}`;
}

export function summarise(results: readonly (LeadAnswer | Error)[]): BurstSummary {
  const answers = results.filter((result): result is LeadAnswer => !(result instanceof Error));
  const accepted = answers.filter(({ status }) => status === 200);
  const problem = results.find((result) => result instanceof Error || result.status !== 200);
  const times = answers.map(({ tookMs }) => tookMs);
  return {
    accepted: accepted.length,
    rejected: answers.length - accepted.length,
    unanswered: results.length - answers.length,
    firstProblem:
      problem instanceof Error
        ? String(problem)
        : problem && `${problem.status} ${JSON.stringify(problem.body)}`,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
}
