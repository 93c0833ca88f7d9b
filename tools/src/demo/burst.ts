import { performance } from 'node:perf_hooks';
import { percentile } from './percentile.ts';
import { type PostedLead, postLeadPatiently } from './post-lead.ts';

export interface BurstSummary {
  readonly accepted: number;
  /** Got another status than 200. */
  readonly rejected: number;
  /** Got no response. */
  readonly unanswered: number;
  /** The response to the first lead that was not accepted. */
  readonly firstProblem: string | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Timed {
  readonly answer: PostedLead;
  readonly tookMs: number;
}

/** Posts `leads` leads with different phones, `atOnce` at a time. */
export async function postBurst(options: {
  readonly ingressUrl: string;
  readonly apiKey: string;
  readonly campaignId: string;
  readonly leads: number;
  readonly atOnce: number;
  readonly onAnswer: () => void;
}): Promise<BurstSummary> {
  const { ingressUrl: url, apiKey: key, campaignId, leads, atOnce, onAnswer } = options;
  const results: Timed[] = [];
  let next = 0;
  const caller = async () => {
    while (next < leads) {
      const n = next++;
      const lead = {
        leadPhone: phoneNumber(n),
        firstName: 'Demo',
        lastName: `Lead ${n + 1}`,
        state: 'NY',
      };
      const sentAtMs = performance.now();
      const answer = await postLeadPatiently({ url, key, body: { campaignId, lead } });
      results.push({ answer, tookMs: answer.atMs - sentAtMs });
      onAnswer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return summarise(results);
}

/** From 917 555 0000 on; the demo companies own numbers of other area codes. */
function phoneNumber(n: number): string {
  return `917555${String(n).padStart(4, '0')}`;
}

function summarise(results: readonly Timed[]): BurstSummary {
  const answered = results.filter(({ answer }) => answer.status !== null);
  const accepted = answered.filter(({ answer }) => answer.status === 200);
  const problem = results.find(({ answer }) => answer.status !== 200)?.answer;
  const times = answered.map(({ tookMs }) => tookMs);
  return {
    accepted: accepted.length,
    rejected: answered.length - accepted.length,
    unanswered: results.length - answered.length,
    firstProblem:
      (problem &&
        (problem.status === null ? problem.code : `${problem.status} ${JSON.stringify(problem.body)}`)) ||
      undefined,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
}
