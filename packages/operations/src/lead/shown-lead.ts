import { SealError } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadRecord, TracedLead } from '@live-feed/core/lead/lead-record';
import { type LeadPayload, leadPayloadSchema } from '@live-feed/core/lead/lead-request';
import { isSettled } from '@live-feed/core/lead/lead-state';
import { reasonOf } from '@live-feed/core/status/lead-status';
import { type Json, redact } from '@live-feed/runtime/logging/redaction';
import { z } from 'zod';
import type { Resources } from '../resources.ts';
import { withoutOwnValues } from './own-values.ts';

/** Leads as people see them, masked. */

/** @param company its name */
export function shownLead({ phoneLast2, ...lead }: LeadRecord, company: string | undefined) {
  const { id, companyId, campaignId, source, state, reason, outcomeSource } = lead;
  const { callerId, receivedAt, finishedAt } = lead;
  return {
    ...{ id, companyId, company, campaignId, source, phone: `********${phoneLast2}`, state },
    // While a lead is under way, its row has the reason of an earlier attempt.
    reason: isSettled(state) ? reason : null,
    ...{ outcomeSource, callerId, receivedAt, finishedAt },
  };
}

/** What its company's check said of its phone. @param sees whether the reason is shown: a stranger's words, which may name a person */
export function shownCheck(
  { keyring }: Pick<Resources, 'keyring'>,
  { companyId, phoneCheck }: TracedLead,
  sees: boolean,
) {
  if (phoneCheck === null) return null;
  return { ...phoneCheck, reason: sees ? redact(reasonOf(keyring, companyId, phoneCheck.reason)) : null };
}

/** 10 digits; undefined if the lead cannot be decrypted any more. */
export function phoneOf(
  resources: Pick<Resources, 'keyring'>,
  lead: Pick<TracedLead, 'companyId' | 'payload'>,
): string | undefined {
  return payloadOf(resources, lead)?.phone;
}

function payloadOf(
  { keyring }: Pick<Resources, 'keyring'>,
  { companyId, payload }: Pick<TracedLead, 'companyId' | 'payload'>,
): LeadPayload | undefined {
  try {
    const plain = keyring.unseal(payload, { companyId, column: SEALED.payload });
    return leadPayloadSchema.parse(JSON.parse(plain));
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** Only members without personal data: the row of a rejected lead contains the lead. */
const answerSchema = z.object({
  message: z.string().nullish(),
  leadsAccepted: z.number().nullish(),
  leadsInserted: z.number().nullish(),
  processingResult: z.string().nullish(),
  processingStatus: z.string().nullish(),
  errorCode: z.string().nullish(),
  generalMessage: z.string().nullish(),
  rejectedRows: z.array(z.object({ message: z.string().nullish() })).nullish(),
});

/** What the dialing system said: `whole` as it was, for those who may see phones; `masked` for all. */
export function answersOf(
  { keyring }: Pick<Resources, 'keyring'>,
  lead: TracedLead,
): { readonly whole: unknown; readonly masked: Json } {
  const { companyId, dialerResponse } = lead;
  if (dialerResponse === null) return { whole: null, masked: null };
  try {
    const column = SEALED.dialerResponse;
    const whole: unknown = JSON.parse(keyring.unseal(dialerResponse, { companyId, column }));
    const known = answerSchema.safeParse(whole);
    const payload = payloadOf({ keyring }, lead);
    if (!known.success || payload === undefined)
      return { whole, masked: '(a response in an unknown format)' };
    // First what is the lead's, as it was sent; patterns would change it.
    const said = withoutOwnValues(JSON.parse(JSON.stringify(known.data)), payload);
    return { whole, masked: redact(said) };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    const masked = `(cannot be decrypted: ${error.code})`;
    return { whole: masked, masked };
  }
}
