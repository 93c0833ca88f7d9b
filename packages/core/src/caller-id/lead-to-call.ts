import type { LeadPayload } from '../lead/lead-request.ts';
import type { LeadToCall } from './ani-choice.ts';

/** What an ANI is chosen by. @param payload undefined for a lead that cannot be read: any ANI will do */
export function leadToCall(payload: LeadPayload | undefined): Pick<LeadToCall, 'phone' | 'zip' | 'state'> {
  const { zip, state } = payload?.fields ?? {};
  return { phone: payload?.phone, zip: textOf(zip), state: textOf(state) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
