import { accountName } from '@live-feed/core/directory/account-name';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import type { EndedLead } from '@live-feed/database/leads/resent-leads';
import type { DialerFamily } from '@live-feed/dialers/family';
import { accountOf, waitForPermit } from '../../dialer/dialer-account.ts';
import type { Context } from '../../operation.ts';
import { Refusal } from '../../refusal.ts';

export interface Asked {
  /** Leads that the dialing system has. */
  readonly there: ReadonlySet<string>;
  /** Leads that it could not be asked about now. */
  readonly notAsked: ReadonlySet<string>;
}

/**
 * Asks the dialing system which of these leads it has, so that none is doubled. Only leads that were sent to the dialer's present account
 * are asked about: another account cannot be looked at, and its answer has said that it does not have them.
 */
export async function askDialer(
  context: Pick<Context, 'keyring' | 'loaders' | 'redis' | 'signal'>,
  dialer: DialerRecord,
  family: DialerFamily,
  leads: readonly EndedLead[],
): Promise<Asked> {
  const there = new Set<string>();
  const notAsked = new Set<string>();
  const account = accountName(dialer);
  const sent = leads.filter(({ attempt, sentTo }) => attempt > 0 && (sentTo === null || sentTo === account));
  if (sent.length === 0) return { there, notAsked };
  const loader = (await context.loaders()).loaderFor(family);
  if (!loader.canReadBack) return { there, notAsked };
  for (const [campaignId, ids] of byCampaign(sent)) {
    const mayAsk = () => permitted(context, dialer, family);
    const result = await loader.readBack(accountOf(context.keyring, dialer, family), campaignId, ids, mayAsk);
    if (result.kind === 'found') for (const id of result.externIds) there.add(id);
    else for (const id of ids) notAsked.add(id);
  }
  return { there, notAsked };
}

/** False also while nobody waits any more. */
async function permitted(
  context: Pick<Context, 'redis' | 'signal'>,
  dialer: DialerRecord,
  family: DialerFamily,
): Promise<boolean> {
  try {
    await waitForPermit(context, dialer, 'read-back', family.windows.readBack);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function byCampaign(leads: readonly EndedLead[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, campaignId } of leads) ids.set(campaignId, [...(ids.get(campaignId) ?? []), id]);
  return ids;
}
