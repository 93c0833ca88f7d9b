import {
  DEFAULT_CHECK_LIMITS,
  type PhoneCheck,
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
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';
import type { Report } from '../terminal/report.ts';
import { refuseUrl, sealedHeaders } from './own-endpoint.ts';
import { theCompany } from './the-company.ts';

/** The endpoint that a company has asked about phones before its leads are taken. */

export type CheckOptions = {
  readonly [Setting in keyof PhoneCheckLimits]: PhoneCheckLimits[Setting] | undefined;
} & {
  /** `none`: phones are not checked. */
  readonly url: string | undefined;
  readonly headersFile: string | undefined;
};

/** Settings that are not named stay as they are; for a new endpoint they are the defaults. @throws Refusal */
export async function setPhoneCheck(
  session: Session,
  company: CompanyRecord,
  { url, headersFile, ...limits }: CheckOptions,
): Promise<void> {
  const { database } = session;
  const named = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  if (url === 'none') {
    if (Object.keys(named).length > 0 || headersFile !== undefined)
      throw new Refusal('--check-url none goes with no other setting of the check. Nothing was changed.');
    return removePhoneCheck(database, company.id);
  }
  if (url !== undefined) refuseUrl(session, url);
  const headers = await sealedHeaders(session, company.id, headersFile, SEALED.phoneCheckHeaders);
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

/** Asks now, past what is kept, and keeps nothing. */
export async function tryPhoneCheck(session: Session, name: string, phone: string): Promise<Report> {
  const company = await theCompany(session, name);
  const check = await findPhoneCheck(session.database, company.id);
  if (check === null) throw noCheck(company);
  const { url, timeoutMs, cacheMs, unanswered } = check;
  const headers = unsealCheckHeaders(session.keyring, company.id, check);
  const startedMs = performance.now();
  const answer = await askPhoneCheck(
    await session.outbound(),
    { url, headers, timeoutMs },
    { phone, leadId: newId() },
  );
  const tookMs = Math.round(performance.now() - startedMs);
  const settings = `${url}: time limit ${timeoutMs} ms, answers hold for ${cacheMs / 1_000} s, unanswered: ${unanswered}`;
  return {
    text: `${inWords(answer, check)} (${tookMs} ms)\n${settings}`,
    data: { companyId: company.id, url, timeoutMs, cacheMs, unanswered, answer, tookMs },
    failed: answer.kind === 'unanswered',
  };
}

function inWords(
  answer: Awaited<ReturnType<typeof askPhoneCheck>>,
  { unanswered }: Pick<PhoneCheck, 'unanswered'>,
): string {
  if (answer.kind === 'unanswered') {
    const then = unanswered === 'send' ? 'sent' : 'refused with 503';
    return `No answer: ${answer.why}. Leads would be ${then}.`;
  }
  if (answer.allow) return 'Allowed: its leads are taken.';
  return `Refused: its leads get 422. ${answer.reason === null ? 'No reason was given.' : `Reason: ${answer.reason}`}`;
}

function noCheck({ name }: CompanyRecord): Refusal {
  return new Refusal(
    `"${name}" has no check of phones. Give it one: ${hint`company set ${name} --check-url <url>`}`,
  );
}
