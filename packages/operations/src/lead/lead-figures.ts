import { summarise } from '@live-feed/core/lead/lead-figures';
import { companyNames } from '@live-feed/database/directory/companies';
import { FIGURES_BY, readFigures } from '@live-feed/database/figures/lead-figures';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import { z } from 'zod';
import { companyInput, momentInput } from '../inputs/inputs.ts';
import { shortText } from '../inputs/written.ts';
import { ofReached, onlyCompany } from '../operation.ts';
import { InputError } from '../refusal.ts';

const DAY_MS = 86_400_000;

export const leadFigures = ofReached({
  name: 'lead.figures',
  summary: 'counts leads by how they ended, with acceptance and times; leads under way are left out',
  role: 'viewer',
  route: 'GET /figures',
  input: z.object({
    by: z.enum(FIGURES_BY).default('source').describe('what to tell apart'),
    company: companyInput.optional(),
    campaign: shortText().optional().describe("the dialing system's id"),
    source: shortText().optional().describe('label of the key that they came with'),
    since: momentInput().optional().describe('received then or later; 24 hours ago unless it is given'),
    until: momentInput().optional().describe('received before; now unless it is given'),
  }),
  async run({ database }, { by, company, campaign, source, since, until }, reached) {
    const companyId = await onlyCompany({ database }, company, reached);
    const toMs = until?.getTime() ?? (await databaseNow(database));
    const fromMs = since?.getTime() ?? toMs - DAY_MS;
    if (fromMs >= toMs) {
      throw new InputError([{ member: 'until', message: 'It must be later than the beginning.' }]);
    }
    const found = await readFigures(database, {
      ...{ companyId, campaignId: campaign, source, fromMs, toMs, by },
    });
    const names = by === 'company' ? await companyNames(database, [...found.keys()]) : undefined;
    return {
      by,
      figures: [...found].map(([key, counts]) => ({ key: names?.get(key) ?? key, ...summarise(counts) })),
      all: summarise([...found.values()].flat()),
    };
  },
});
