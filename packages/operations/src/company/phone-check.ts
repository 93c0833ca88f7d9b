import type { OwnHeaders } from '@live-feed/core/directory/own-headers';
import {
  DEFAULT_CHECK_LIMITS,
  type PhoneCheckLimits,
  unsealCheckHeaders,
} from '@live-feed/core/directory/phone-check';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import {
  changePhoneCheck,
  findPhoneCheck,
  putPhoneCheck,
  removePhoneCheck,
} from '@live-feed/database/directory/phone-checks';
import { askPhoneCheck } from '@live-feed/outbound/phone-check/ask-phone-check';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { personal } from '../inputs/masked-input.ts';
import { phone } from '../inputs/written.ts';
import { type Context, ofCompany } from '../operation.ts';
import { refuseUrl, sealedHeaders } from '../own-endpoint.ts';
import { Refusal } from '../refusal.ts';

/** The endpoint that a company has asked about phones before its leads are taken. */

export type CheckChanges = {
  readonly [Setting in keyof PhoneCheckLimits]?: PhoneCheckLimits[Setting] | undefined;
} & {
  readonly url?: string | undefined;
  readonly headers?: OwnHeaders | null | undefined;
};

/**
 * Settings that are not named stay as they are; for a new endpoint they are the defaults.
 *
 * @param check null: phones are not checked
 * @throws Refusal
 */
export async function setPhoneCheck(
  context: Context,
  company: CompanyRecord,
  check: CheckChanges | null,
): Promise<void> {
  const { database } = context;
  if (check === null) return removePhoneCheck(database, company.id);
  const { url, headers: given, ...limits } = check;
  if (url !== undefined) refuseUrl(context, url);
  const named = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  const headers = sealedHeaders(context, company.id, given, SEALED.phoneCheckHeaders);
  const changes = { ...named, ...(headers === undefined ? {} : { headers }) };
  if (url === undefined) {
    if (!(await changePhoneCheck(database, company.id, changes))) throw noCheck(company);
    return undefined;
  }
  const former = await findPhoneCheck(database, company.id);
  if (former === null)
    return putPhoneCheck(database, company.id, { ...DEFAULT_CHECK_LIMITS, headers: null, ...changes, url });
  // Its headers may open a door at the former host only: another one does not get them.
  const isSameHost = new URL(former.url).host === new URL(url).host;
  const { timeoutMs, cacheMs, unanswered } = former;
  const kept = { timeoutMs, cacheMs, unanswered, headers: isSameHost ? former.headers : null };
  return putPhoneCheck(database, company.id, { ...kept, ...changes, url });
}

/** Of the range that is kept free for examples. */
const NOBODYS = '2025550143';

export const companyCheck = ofCompany({
  name: 'company.check',
  summary: 'asks its check about a phone now, past what is kept, and keeps nothing',
  role: 'operator',
  route: 'POST /companies/:company/check',
  input: z.object({
    company: companyInput,
    phone: personal(phone())
      .default(NOBODYS)
      .describe('nobody has the one that is asked about if it is left out'),
  }),
  async run({ database, keyring, outbound, record }, { phone }, company) {
    const check = await findPhoneCheck(database, company.id);
    if (check === null) throw noCheck(company);
    const { url, timeoutMs, cacheMs, unanswered } = check;
    const target = { url, headers: unsealCheckHeaders(keyring, company.id, check), timeoutMs };
    const startedMs = performance.now();
    const answer = await askPhoneCheck(await outbound(), target, { phone, leadId: newId() });
    const tookMs = Math.round(performance.now() - startedMs);
    record({ target: url, after: { answer: answer.kind } });
    return { company, url, timeoutMs, cacheMs, unanswered, answer, tookMs };
  },
});

function noCheck({ name }: CompanyRecord): Refusal {
  return new Refusal(`"${name}" has no check of phones.`, {
    see: { operation: 'company.set', to: 'Give it one' },
  });
}
