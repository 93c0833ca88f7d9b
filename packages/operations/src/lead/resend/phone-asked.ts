import { type PhoneCheck, unsealCheckHeaders } from '@live-feed/core/directory/phone-check';
import type { PhoneChecked } from '@live-feed/core/lead/phone-checked';
import { findPhoneCheck } from '@live-feed/database/directory/phone-checks';
import type { OutboundClient } from '@live-feed/outbound/http/outbound-client';
import { askPhoneCheck, type PhoneCheckTarget } from '@live-feed/outbound/phone-check/ask-phone-check';
import type { Resources } from '../../resources.ts';

/** A company's check of phones, ready to be asked. */
export interface PhoneAsked {
  readonly unanswered: PhoneCheck['unanswered'];
  readonly target: PhoneCheckTarget;
  readonly client: OutboundClient;
}

/** @returns undefined if the company has its phones not checked */
export async function preparePhoneCheck(
  { database, keyring, outbound }: Pick<Resources, 'database' | 'keyring' | 'outbound'>,
  companyId: string,
): Promise<PhoneAsked | undefined> {
  const check = await findPhoneCheck(database, companyId);
  if (check === null) return undefined;
  const { url, timeoutMs, unanswered } = check;
  const target = { url, timeoutMs, headers: unsealCheckHeaders(keyring, companyId, check) };
  return { unanswered, target, client: await outbound() };
}

/**
 * Asks anew, whatever was said of the phone before.
 *
 * @param leadId the new lead's
 * @returns what is kept with the lead if it may be sent; undefined if phones are not checked
 */
export async function askCheck(
  asked: PhoneAsked | undefined,
  leadId: string,
  phone: string,
): Promise<PhoneChecked | 'refused' | 'unanswered' | undefined> {
  if (asked === undefined) return undefined;
  const answer = await askPhoneCheck(asked.client, asked.target, { phone, leadId });
  const at = new Date().toISOString();
  if (answer.kind === 'answer') return answer.allow ? { result: 'allowed', at, cached: false } : 'refused';
  return asked.unanswered === 'send' ? { result: 'unanswered', at, cached: false } : 'unanswered';
}
