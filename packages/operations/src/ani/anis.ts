import { oldTableWarning } from '@live-feed/core/caller-id/places';
import { systemClock } from '@live-feed/core/clock';
import {
  ANI_STANDINGS,
  listAnis,
  aniStats as readStats,
  usesByAreaCode,
} from '@live-feed/database/caller-ids/ani-inventory';
import { z } from 'zod';
import { campaignId } from '../campaign/campaign-id.ts';
import { companyInput } from '../inputs/inputs.ts';
import { phone } from '../inputs/written.ts';
import { ofCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { placeOf, usesByPlace } from './ani-places.ts';

export const aniList = ofCompany({
  name: 'ani.list',
  summary: "lists numbers with their caps, today's uses, cool-down and pools, by phone",
  role: 'viewer',
  route: 'GET /companies/:company/anis',
  input: z.object({
    company: companyInput,
    standing: z
      .enum(ANI_STANDINGS)
      .optional()
      .describe('free, at_cap: not assigned any more today, cooling: not before a moment, or paused'),
    flagged: z.boolean().optional().describe('true: only those that were flagged'),
    place: z
      .string()
      .trim()
      .toUpperCase()
      .max(20)
      .optional()
      .describe('a state by its two letters, CANADA, or OTHER'),
    campaignId: campaignId.optional().describe('only those in the pool of this campaign'),
    after: phone().optional().describe('the last number of the previous page'),
    limit: z.int().min(1).max(10_000).default(100),
  }),
  async run({ database }, { company: _named, place, campaignId: pool, ...search }, company) {
    const areaCodes = place === undefined ? undefined : await areaCodesIn(place);
    return { company, anis: await listAnis(database, company.id, { ...search, pool, areaCodes }) };

    /** Of those that the company has. */
    async function areaCodesIn(name: string): Promise<string[]> {
      const uses = await usesByAreaCode(database, company.id);
      return uses.flatMap(({ areaCode }) => (placeOf(areaCode) === name ? [areaCode] : []));
    }
  },
});

export const aniStats = ofCompany({
  name: 'ani.stats',
  summary: "shows how much of today's capacity is used, where, and how near the numbers of today's leads are",
  role: 'viewer',
  route: 'GET /companies/:company/anis/stats',
  input: z.object({ company: companyInput }),
  async run({ database }, _input, company) {
    const nowMs = systemClock.now();
    const figures = await readStats(database, company.id, nowMs);
    if (figures === undefined)
      throw new Refusal('Somebody has just removed this company.', { kind: 'not_found' });
    const places = usesByPlace(await usesByAreaCode(database, company.id));
    return { company, ...figures, places, warning: oldTableWarning(nowMs) };
  },
});
