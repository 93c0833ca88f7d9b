import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { newId } from '@live-feed/core/ids';
import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadPayload } from '@live-feed/core/lead/lead-request';
import type { Company } from '../system/company.ts';
import type { System } from '../system/system.ts';

const OPTIONS = {
  dialPriority: 'IMMEDIATE',
  duplicateHandling: 'RETAIN_ALL',
  listState: 'ACTIVE',
  timeZoneOption: 'NPA_NXX',
};

/** A job as an ingress would have added it, of a caller that nobody answers any more. @param deadlineInMs from now */
export function leadJobOf(system: System, company: Company, phone: string, deadlineInMs: number): LeadJob {
  const payload: LeadPayload = { phone, fields: {}, options: OPTIONS };
  const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
  const deadlineMs = Date.now() + deadlineInMs;
  return {
    v: 1,
    leadId: newId(),
    companyId: company.id,
    dialerId: company.dialerId,
    campaignId: company.campaignId,
    payload: keyring.seal(JSON.stringify(payload), { companyId: company.id, column: SEALED.payload }),
    phoneDigest: '0'.repeat(64),
    phoneLast2: phone.slice(-2),
    replyTo: '',
    receivedAtMs: deadlineMs - 25_000,
    deadlineMs,
    expiresAtMs: deadlineMs + 86_400_000,
  };
}
