import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { bucketFor } from '@live-feed/core/limits/rate-windows';
import { findCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import { countUnfinished } from '@live-feed/database/directory/dialers';
import { findIntake } from '@live-feed/database/directory/intake';
import { findFamily } from '@live-feed/dialers/families';
import { describeQueue } from '@live-feed/queue/jobs/queue-standing';
import { dialerAddress, type Operation } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { readPermitUse } from '@live-feed/queue/limits/permit-use';
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
    const family = findFamily(dialer.family);
    const uploads = dialer.uploadWindows ?? family?.windows.upload ?? [];
    const usedOf = async (operation: Operation, windows: readonly RateWindow[]) =>
      readPermitUse(await redis(), dialerAddress(dialer), operation, bucketFor(windows));
    const [standing, queue, leads, intake, campaignSync, upload, readBack] = await Promise.all([
      redis().then((connected) => createDialerHealth(connected).describe(dialerAddress(dialer))),
      withQueue(context, dialer.id, describeQueue),
      countUnfinished(database, company.id, dialer.id),
      findIntake(database, company.id),
      findCampaignSync(database, dialer.id),
      usedOf('upload', uploads),
      usedOf('read-back', family?.windows.readBack ?? []),
    ]);
    return {
      ...{ company, dialer: shownDialer(dialer), intake, standing, queue, leads, campaignSync },
      /** How much of the account's limits is used now; null: there is none. */
      limits: { upload, readBack },
    };
  },
});
