import { type PhoneCheck, unsealCheckHeaders } from '@live-feed/core/directory/phone-check';
import type { PhoneChecked } from '@live-feed/core/lead/phone-checked';
import { findPhoneCheck } from '@live-feed/database/directory/phone-checks';
import type { OutboundClient } from '@live-feed/outbound/http/outbound-client';
import { askPhoneCheck, type PhoneCheckTarget } from '@live-feed/outbound/phone-check/ask-phone-check';
import { type Circuit, createCircuit } from '@live-feed/outbound/phone-check/circuit';
import type { Resources } from '../../resources.ts';

/** A company's check of phones, ready to be asked. */
export interface PhoneAsked {
  readonly unanswered: PhoneCheck['unanswered'];
  readonly target: PhoneCheckTarget;
  readonly client: OutboundClient;
  /** As for leads that come in: an endpoint that fails again and again is left alone for a while. */
  readonly circuit: Circuit;
}

/** Questions under way at once: a part of those that an ingress asks for leads that come in, which must not wait for these. */
const AT_ONCE = 8;

/** @returns undefined if the company has its phones not checked */
export async function preparePhoneCheck(
  { database, keyring, outbound }: Pick<Resources, 'database' | 'keyring' | 'outbound'>,
  companyId: string,
): Promise<PhoneAsked | undefined> {
  const check = await findPhoneCheck(database, companyId);
  if (check === null) return undefined;
  const { url, timeoutMs, unanswered } = check;
  const target = { url, timeoutMs, headers: unsealCheckHeaders(keyring, companyId, check) };
  return { unanswered, target, client: await outbound(), circuit: createCircuit() };
}

/** What is kept with the lead if it may be sent; undefined: phones are not checked. */
export type Checked = PhoneChecked | 'refused' | 'unanswered' | undefined;

interface Asked {
  /** 10 digits. */
  readonly phone: string;
  /** The new one, that it is asked for. */
  readonly lead: { readonly leadId: string };
}

/** Asks anew, whatever was said of the phones before; several at once. @returns each with what was said, in their order */
export async function askCheckOfEach<Each extends Asked>(
  asked: PhoneAsked | undefined,
  leads: readonly Each[],
): Promise<(Each & { readonly check: Checked })[]> {
  const checks: Checked[] = [];
  let next = 0;
  async function askInTurn(): Promise<void> {
    for (let at = next++; at < leads.length; at = next++) {
      const each = leads[at];
      if (each !== undefined) checks[at] = await askCheck(asked, each);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  return leads.map((each, at) => ({ ...each, check: checks[at] }));
}

async function askCheck(asked: PhoneAsked | undefined, { phone, lead: { leadId } }: Asked): Promise<Checked> {
  if (asked === undefined) return undefined;
  const { client, target, circuit } = asked;
  const turn = circuit.ask();
  const answer = turn === undefined ? undefined : await askPhoneCheck(client, target, { phone, leadId });
  const at = new Date().toISOString();
  if (answer?.kind === 'answer') {
    circuit.answered();
    return answer.allow ? { result: 'allowed', at, cached: false } : 'refused';
  }
  if (turn !== undefined) circuit.failed(turn);
  return asked.unanswered === 'send' ? { result: 'unanswered', at, cached: false } : 'unanswered';
}
