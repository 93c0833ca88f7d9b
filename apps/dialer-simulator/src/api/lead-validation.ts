import type { LoadLead } from './wire.ts';

const TEN_DIGITS = /^[0-9]{10}$/;
const E164 = /^\+[1-9][0-9]{6,14}$/;

/**
 * Why a lead loader would reject this lead, or null if it would accept it.
 * The rules are those of the published lead properties. That a lead with an empty string is rejected was seen in the field.
 *
 * @param inE164 an upload with `phoneNumbersI18nEnabled`, whose leads have an E.164 number
 */
export function flawOf(lead: LoadLead, inE164 = false): string | null {
  for (const [field, value] of Object.entries(lead)) {
    if (value === '') return `${field} must not be empty`;
  }
  if (lead.externId === undefined) return 'externId is required';
  if (lead.leadPhone === undefined && lead.leadPhoneE164 === undefined) return 'leadPhone is required';
  if (inE164 && lead.leadPhoneE164 === undefined) return 'leadPhoneE164 is required';
  if (lead.leadPhone !== undefined && !TEN_DIGITS.test(lead.leadPhone)) return 'leadPhone must be 10 digits';
  if (lead.leadPhoneE164 !== undefined && !E164.test(lead.leadPhoneE164)) {
    return 'leadPhoneE164 must be an E.164 number';
  }
  if (lead.callerId !== undefined && !TEN_DIGITS.test(lead.callerId)) return 'callerId must be 10 digits';
  return null;
}

/** The number that identifies a lead to duplicate handling and to the store; empty for a lead without one. */
export function phoneOf(lead: LoadLead): string {
  return lead.leadPhone ?? lead.leadPhoneE164 ?? '';
}
