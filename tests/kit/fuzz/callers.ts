import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { newId } from '@live-feed/core/ids';
import { FORWARDABLE_FIELDS, type ForwardableField } from '@live-feed/core/lead/lead-fields';
import { setDuplicates } from '@live-feed/database/directory/companies';
import { putPhoneCheck } from '@live-feed/database/directory/phone-checks';
import { pauseCampaign, resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { misbehave } from '../http/client.ts';
import { addKey } from '../system/api-key.ts';
import { addCompany } from '../system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../system/company-without-permits.ts';
import type { Queues } from '../system/queues.ts';
import type { System } from '../system/system.ts';
import { startReceiver } from '../webhooks/receiver.ts';

/** Somebody who asks. */
export interface Caller {
  readonly name: string;
  /** What it sends as `Authorization`; null for nothing. */
  readonly authorization: string | null;
  /** Whether its key is a right one, whatever its company lacks besides. */
  readonly right: boolean;
  readonly campaignId: string;
  /** Its leads stay where they are until the end: it does not wait for their outcomes. */
  readonly patient: boolean;
  /** The fields that its dialer is sent beyond those that every one is. */
  readonly forward: readonly ForwardableField[];
  /** Its company takes forms. */
  readonly forms?: true;
  /** Its leads and its do-not-call list have these phones only. */
  readonly phones?: readonly string[];
}

/** Of companies that have duplicates looked for: each phone is that of many leads. */
export const REPEATED_PHONES = {
  refused: Array.from({ length: 60 }, (_, n) => String(7_770_000_000 + n)),
  answered: Array.from({ length: 60 }, (_, n) => String(7_771_000_000 + n)),
} as const;

/**
 * Companies whose leads are delivered, with or without further fields (the former have phones checked, too), rejected, or kept for as long as
 * their dialer takes none or their campaign is paused, or refused while it is, whose duplicates are refused or answered; companies that cannot load any; and keys that open nothing.
 *
 * @param resume lets what was kept go
 */
export async function assembleCallers(
  system: System,
  queues: Queues,
): Promise<{ readonly callers: readonly Caller[]; resume(): Promise<void>; close(): Promise<void> }> {
  const { keys, campaigns } = system.seeded;
  const kept = await addCompanyWithoutPermits(system, queues, { maxInFlight: 16 });
  const forwarding = await addCompany(system, {
    maxInFlight: 16,
    leadSettings: { forward: FORWARDABLE_FIELDS, phoneFormat: 'e164' },
    intake: { forms: true },
  });
  const rejected = await addCompany(system, { maxInFlight: 16 });
  await misbehave(system, {
    rules: [
      {
        on: 'upload',
        match: { campaignId: rejected.campaignId },
        fault: { kind: 'reject', message: 'Do not call', row: 'full' },
      },
    ],
  });
  const refusing = await addCompany(system, { maxInFlight: 16 });
  const answering = await addCompany(system, { maxInFlight: 16, intake: { forms: true } });
  const rule = { windowMs: 86_400_000, scope: 'company' } as const;
  await setDuplicates(system.database, refusing.id, { ...rule, action: 'refuse' });
  await setDuplicates(system.database, answering.id, { ...rule, action: 'answer' });
  const [keeping, pausing] = [await addCompany(system, { maxInFlight: 16 }), await addCompany(system)];
  const untilResumed = { forMs: null, because: null };
  const { database } = system;
  await pauseCampaign(database, keeping.id, keeping.campaignId, { kind: 'keep', ...untilResumed });
  await pauseCampaign(database, pausing.id, pausing.campaignId, { kind: 'refuse', ...untilResumed });
  const failed = new Set<string>();
  const endpoint = await startReceiver((response, { body }) => {
    const { phone } = JSON.parse(body);
    // It is asked again.
    if (phone.endsWith('3') && !failed.has(phone)) response.writeHead(500);
    failed.add(phone);
    response.end(JSON.stringify({ allow: !phone.endsWith('7') }));
  });
  await putPhoneCheck(system.database, forwarding.id, {
    ...{ url: endpoint.url, headers: null, timeoutMs: 5_000, cacheMs: 86_400_000, unanswered: 'refuse' },
  });
  const expired = issueApiKey();
  await system.database.apiKey.create({
    data: {
      id: newId(),
      companyId: kept.id,
      type: 'universal',
      digest: digestApiKey(expired),
      hint: hintOf(expired),
      expiresAt: new Date(0),
    },
  });

  const caller = (name: string, key: string, more: Partial<Caller> = {}): Caller => ({
    name,
    authorization: `Bearer ${key}`,
    right: true,
    campaignId: campaigns.ringcx,
    patient: false,
    forward: [],
    ...more,
  });
  const wrong = { right: false };
  const callers = [
    caller('ringcx', keys.ringcx),
    caller('newbridge', keys.newbridge, { campaignId: campaigns.newbridge }),
    caller('forwarding', forwarding.key, {
      campaignId: forwarding.campaignId,
      forward: FORWARDABLE_FIELDS,
      forms: true,
    }),
    caller('kept', kept.key, { campaignId: kept.campaignId, patient: true }),
    caller('kept in a pause', keeping.key, { campaignId: keeping.campaignId, patient: true }),
    caller('refused in a pause', pausing.key, { campaignId: pausing.campaignId }),
    caller('rejected', rejected.key, { campaignId: rejected.campaignId }),
    caller('refusing', refusing.key, { campaignId: refusing.campaignId, phones: REPEATED_PHONES.refused }),
    caller('answering', answering.key, {
      campaignId: answering.campaignId,
      phones: REPEATED_PHONES.answered,
      forms: true,
    }),
    caller('trying', await addKey(system, forwarding, { type: 'test' }), {
      campaignId: forwarding.campaignId,
      forward: FORWARDABLE_FIELDS,
      forms: true,
    }),
    caller('no dialer', keys.noDialer),
    caller('another family', keys.otherFamily),
    caller('no token', keys.ringcxNoToken),
    caller('no key', '', { ...wrong, authorization: null }),
    caller('another scheme', '', { ...wrong, authorization: 'Basic b3BzOm9wcw==' }),
    caller('an unknown key', issueApiKey(), wrong),
    caller('an expired key', expired, wrong),
    caller('a revoked key', keys.inactive, wrong),
    caller('a key of another type', keys.notUniversal, wrong),
    caller('a cut key', keys.ringcx.slice(0, -1), wrong),
  ];
  return {
    callers,
    async resume() {
      await givePermits(system, queues, kept);
      await resumeCampaign(database, keeping.id, keeping.campaignId);
    },
    close: endpoint.stop,
  };
}
