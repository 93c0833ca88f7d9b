import { ANI_STANDINGS } from '@live-feed/database/caller-ids/ani-inventory';
import { aniList, aniStats } from '@live-feed/operations/ani/anis';
import { campaignList } from '@live-feed/operations/campaign/campaigns';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { html } from '../../html/html.ts';
import { pager } from '../../html/pager.ts';
import { blank, readForm, ticked } from '../../operations/form-input.ts';
import { from, mayUse } from '../../sign-in/access.ts';
import { companyNav } from '../companies/company-nav.ts';
import { companyParams } from '../companies/company-page.ts';
import { CHANGE_NUMBERS } from './number-changes.ts';
import { filterForm, type NumberFilter, queryOf } from './number-filter.ts';
import { numbersForm } from './numbers-form.ts';
import { tileMap } from './tile-map.ts';
import { placesTable, tiersTable, todayFacts } from './today.ts';

const PAGE = 100;

const querySchema = z.object({
  standing: blank(z.enum(ANI_STANDINGS)),
  flagged: ticked,
  place: blank(z.string()),
  campaign: blank(z.string()),
  after: blank(z.string()),
});

/** Uses of today against the caps, as a map and by number. */
export function addCompanyNumbersPage(app: FastifyInstance): void {
  app.get('/caller-ids/:company', { config: { access: from('viewer') } }, async (request, reply) => {
    const { company: named } = readForm(companyParams, request.params);
    const { after, ...filter } = readForm(querySchema, request.query);
    const { company, places, ...today } = await request.perform(aniStats, { company: named });
    const { campaigns } = await request.perform(campaignList, { company: company.id });
    const { standing, flagged, place, campaign: campaignId } = filter;
    const search = { standing, flagged: flagged || undefined, place, campaignId, after, limit: PAGE };
    const { anis } = await request.perform(aniList, { company: company.id, ...search });
    const base = `caller-ids/${company.id}`;
    const hrefOf = (other: Partial<NumberFilter>, last?: string) =>
      `${base}?${queryOf({ ...filter, ...other }, last)}#numbers`;
    const last = anis.at(-1)?.phone;
    const mayChange = request.signedIn !== null && mayUse(CHANGE_NUMBERS, request.signedIn);
    const zone = today.rules.timeZone;
    const content = html`
      ${companyNav(company.id, 'caller-ids')} ${todayFacts(today, places, hrefOf)}
      ${tileMap(places, (one) => hrefOf({ place: one }))} ${placesTable(places, (one) => hrefOf({ place: one }))}
      ${tiersTable(today)}
      <h2 id="numbers">Numbers</h2>
      ${filterForm(base, filter, campaigns)} ${numbersForm({ base, anis, zone, mayChange, campaigns })}
      ${pager({
        ...(after === undefined ? {} : { newer: hrefOf({}) }),
        ...(anis.length < PAGE || last === undefined ? {} : { older: hrefOf({}, last) }),
      })}
      ${mayChange ? html`<p><a href="${base}/import">Import numbers from a file</a></p>` : null}
    `;
    return reply.page({ title: `Caller IDs of ${company.name}`, content });
  });
}
