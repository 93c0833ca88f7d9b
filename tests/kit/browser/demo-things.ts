import { newId } from '@live-feed/core/ids';
import { alertChannelAdd } from '@live-feed/operations/alert/alert-channels';
import { alertAdd } from '@live-feed/operations/alert/alert-rules';
import { campaignPause } from '@live-feed/operations/campaign/campaign-changes';
import { newTotpSecret } from '@live-feed/operations/credentials/one-time-codes';
import { dialerHold } from '@live-feed/operations/dialer/dialer-hold';
import { leadCancelAll } from '@live-feed/operations/lead/bulk/retry-and-cancel';
import { perform } from '@live-feed/operations/perform';
import { personTotpOn } from '@live-feed/operations/person/own-account';
import { personAdd } from '@live-feed/operations/person/people';
import { webhookAdd } from '@live-feed/operations/webhook/webhook-changes';
import { Secret, TOTP } from 'otpauth';
import { post } from '../http/client.ts';
import { waitFor } from '../wait-for.ts';
import { DEMO, type useDemoSystem } from './demo-system.ts';

export const WITH_CODES = { name: 'robin@example.com', password: 'correct horse battery' };

const HOURS_MS = 3_600_000;

/**
 * What the demo does not have: people, a change of many leads, a webhook, an alert with its channel, a campaign that is stopped, a dialer that is held with a lead
 * that waits for it, and requests that were refused. All of one company.
 */
export async function addThings({ console, system }: ReturnType<typeof useDemoSystem>): Promise<void> {
  const from = { via: 'command-line', from: 'ops-1', role: 'admin', companyId: null } as const;
  const session = { actor: { id: null, name: 'dana', ...from }, resources: console.resources };
  const { name: company, campaign: campaignId } = DEMO.jwt;

  await perform(session, webhookAdd, {
    company,
    url: 'https://crm.example.com/leads',
    events: [],
    maxEvents: 50,
  });
  const target = { kind: 'slack', url: 'http://127.0.0.1:9/services/chat' } as const;
  await perform(session, alertChannelAdd, { channel: 'On duty', target });
  const condition = { kind: 'acceptance', below: 60, forMs: HOURS_MS, leads: 20 } as const;
  await perform(session, alertAdd, { condition, perCampaign: true, channels: ['On duty'] });
  // It finds none.
  await perform(session, leadCancelAll, { company });
  await perform(session, campaignPause, {
    company,
    campaignId,
    newLeads: 'keep',
    reason: 'the script is wrong',
  });
  await perform(session, dialerHold, {
    company,
    forMs: 8 * HOURS_MS,
    reason: 'they move to another account',
  });

  const { person } = await perform(session, personAdd, { ...WITH_CODES, role: 'operator' });
  const secret = newTotpSecret();
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  await perform(session, personTotpOn, { person: person.id, secret, code });

  await sendLeads(system, campaignId);
}

async function sendLeads(
  system: ReturnType<typeof useDemoSystem>['system'],
  campaignId: string,
): Promise<void> {
  const headers = { prefer: 'respond-async' };
  const key = system.seeded.keys.ringcxJwt;
  const send = (lead: object, campaign = campaignId) =>
    post(
      system,
      { campaignId: campaign, lead, options: {} },
      { key, headers: { ...headers, 'x-request-id': newId() } },
    );
  await waitFor(async () => (await send({ leadPhone: '7865550199', firstName: 'Demo' })).status === 202);
  await send({ leadPhone: '123' });
  await send({ leadPhone: '7865550123' }, '404404');
  await waitFor(async () => (await system.database.refusedRequest.count()) >= 2);
}
