import { findCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import { countUnfinished } from '@live-feed/database/directory/dialers';
import { findIntake } from '@live-feed/database/directory/intake';
import { describeQueue } from '@live-feed/queue/jobs/queue-standing';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { ofCompany } from '../operation.ts';
import { withQueue } from './dialer-queue.ts';
import { shownDialer } from './shown-dialer.ts';
import { theDialer } from './the-dialer.ts';

export const dialerShow = ofCompany({
  name: 'dialer.show',
  summary: "shows a dialer's configuration, whether it may send now, and its backlog",
  role: 'viewer',
  route: 'GET /companies/:company/dialer',
  input: z.object({ company: companyInput }),
  async run(context, _input, company) {
    const { database, redis } = context;
    const dialer = await theDialer(database, company);
    const [standing, queue, leads, intake, campaignSync] = await Promise.all([
      redis().then((connected) => createDialerHealth(connected).describe(dialerAddress(dialer))),
      withQueue(context, dialer.id, describeQueue),
      countUnfinished(database, company.id, dialer.id),
      findIntake(database, company.id),
      findCampaignSync(database, dialer.id),
    ]);
    return { company, dialer: shownDialer(dialer), intake, standing, queue, leads, campaignSync };
  },
});
