import { campaignChanges } from '@live-feed/core/directory/campaign-changes';
import {
  findCampaignSync,
  setCampaignSync,
  stopCampaignSync,
} from '@live-feed/database/directory/campaign-syncs';
import { listCampaigns, saveCampaignList } from '@live-feed/database/directory/campaigns';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import { findFamily } from '@live-feed/dialers/families';
import { z } from 'zod';
import { accountOf, waitForPermit } from '../dialer/dialer-account.ts';
import { theDialer } from '../dialer/the-dialer.ts';
import { companyInput } from '../inputs/inputs.ts';
import { type Context, ofCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';

export const campaignSync = ofCompany({
  name: 'campaign.sync',
  summary:
    'reads the campaigns from the dialing system: adds new ones, keeps their names, marks those that ended',
  role: 'operator',
  route: 'POST /companies/:company/campaigns/sync',
  input: z
    .object({
      company: companyInput,
      dryRun: z.boolean().default(false).describe('only tell what would change'),
      everyMs: z
        .int()
        .min(60_000)
        .max(86_400_000)
        .nullable()
        .optional()
        .describe(
          'also have workers do it, so often, in milliseconds; null: not any more, and nothing is read now',
        ),
    })
    .refine(
      ({ dryRun, everyMs }) => !dryRun || everyMs === undefined,
      'A dry run changes nothing: leave out how often.',
    ),
  async run(context, { dryRun, everyMs }, company) {
    const { database, record } = context;
    const dialer = await theDialer(database, company);
    const about = { company, dialerId: dialer.id };
    if (everyMs === null) {
      const wasOn = await stopCampaignSync(database, dialer.id);
      record({ before: { wasOn }, after: { everyMs } });
      return { kind: 'stopped' as const, ...about, everyMs, wasOn };
    }
    const { signsInWith, listing, origin } = await readCampaigns(context, dialer);
    if (everyMs !== undefined) await setCampaignSync(database, dialer.id, everyMs);
    const schedule = { everyMs: (await findCampaignSync(database, dialer.id))?.everyMs ?? null };
    if (listing.kind !== 'listed') {
      record({ after: { ...schedule, read: listing.kind } });
      return { ...about, ...schedule, signsInWith, ...listing };
    }
    const known = dryRun ? await listCampaigns(database, company.id) : undefined;
    const changes =
      known === undefined
        ? await saveCampaignList(database, origin, listing)
        : campaignChanges(known, listing);
    if (changes === undefined) {
      throw new Refusal('The dialer got another account meanwhile. No campaign was changed; try again.');
    }
    const { added, renamed, returned, ended } = changes;
    record({ after: { ...schedule, added, renamed, returned, ended } });
    const listed = listing.campaigns.length;
    return { kind: 'listed' as const, ...about, ...schedule, listed, ...changes, dryRun };
  },
});

/** @throws Refusal if the family cannot list them */
async function readCampaigns(context: Context, dialer: DialerRecord) {
  const family = findFamily(dialer.family);
  const ability = family?.campaigns;
  if (family === undefined || ability === undefined) {
    throw new Refusal(
      `${family?.title ?? `A dialer of the family "${dialer.family}"`} cannot be asked for its campaigns.`,
      { see: { operation: 'campaign.add', to: 'Add them by hand' } },
    );
  }
  const account = accountOf(context.keyring, dialer, family);
  const source = (await context.loaders()).campaignsFor(family);
  if (source === undefined) throw new Error('A family with an ability has an adapter for it.');
  const { id: dialerId, companyId, baseUrl, accountId } = dialer;
  const beganAt = new Date(await databaseNow(context.database));
  const listing = await source.listCampaigns(account, async () => {
    await waitForPermit(context, dialer, 'campaigns', ability.windows);
    return true;
  });
  const signsInWith = account.credential.kind;
  return { signsInWith, listing, origin: { companyId, dialerId, baseUrl, accountId, beganAt } };
}
