import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import type { PhoneCheckLimits } from '@live-feed/core/directory/phone-check';
import { companySet, companyShow } from '@live-feed/operations/company/company-settings';
import { companyCheck } from '@live-feed/operations/company/phone-check';
import { ruleText } from '@live-feed/operations/inputs/duplicate-rules';
import type { Session } from '../session.ts';
import { readHeaders } from '../terminal/headers-file.ts';
import { Refusal } from '../terminal/refusal.ts';
import { facts, type Report } from '../terminal/report.ts';

interface CompanyOptions {
  readonly aniCap?: number | undefined;
  readonly timeZone?: string | undefined;
  readonly whenNoAni?: 'campaign_default' | 'reject' | undefined;
  readonly duplicates?: DuplicateRule | 'off' | undefined;
  readonly formPosts?: 'on' | 'off' | undefined;
  /** `none`: phones are not checked. */
  readonly checkUrl?: string | undefined;
  readonly checkHeadersFile?: string | undefined;
  readonly checkTimeout?: number | undefined;
  readonly checkCache?: number | undefined;
  readonly checkUnanswered?: PhoneCheckLimits['unanswered'] | undefined;
}

export async function setCompany(session: Session, name: string, options: CompanyOptions): Promise<Report> {
  const { aniCap, timeZone, whenNoAni, duplicates, formPosts } = options;
  const { company } = await session.perform(companySet, {
    ...{ company: name, aniDailyCap: aniCap, timeZone, whenNoAni },
    duplicates: duplicates === 'off' ? null : duplicates,
    formPosts: formPosts === undefined ? undefined : formPosts === 'on',
    check: await checkOf(session, options),
  });
  return {
    text: `Changed "${company.name}".`,
    data: { company, dailyCap: aniCap, timeZone, whenNone: whenNoAni, duplicates, formPosts },
  };
}

/** As the operation takes it; undefined if no option is about it. */
async function checkOf({ terminal }: Session, options: CompanyOptions) {
  const { checkUrl: url, checkHeadersFile, checkTimeout: timeoutMs, checkCache: cacheMs } = options;
  const { checkUnanswered: unanswered } = options;
  const rest = [checkHeadersFile, timeoutMs, cacheMs, unanswered].filter((each) => each !== undefined);
  if (url === 'none') {
    if (rest.length === 0) return null;
    throw new Refusal('--check-url none goes with no other setting of the check. Nothing was changed.');
  }
  if (url === undefined && rest.length === 0) return undefined;
  return { url, timeoutMs, cacheMs, unanswered, headers: await readHeaders(terminal, checkHeadersFile) };
}

export async function showCompany(session: Session, name: string): Promise<Report> {
  const data = await session.perform(companyShow, { company: name });
  const { aniDailyCap, timeZone, whenNoAni, duplicates, formPosts, check } = data.settings;
  return {
    text: facts([
      ['company', data.company.name],
      ['id', data.company.id],
      ['time zone', timeZone],
      ['cap of an ANI without an own', aniDailyCap],
      ['if no ANI is left', whenNoAni],
      ['duplicates', ruleText(duplicates) ?? 'off'],
      ['form posts', formPosts ? 'on' : 'off'],
      ['check of phones', check?.url],
      ...(check === null ? [] : checkFacts(check)),
    ]),
    data,
  };
}

function checkFacts(check: PhoneCheckLimits & { readonly hasHeaders: boolean }) {
  return [
    ['headers sent along', check.hasHeaders],
    ['time limit', `${check.timeoutMs} ms`],
    ['answers hold for', `${check.cacheMs / 1_000} s`],
    ['if it does not answer', check.unanswered],
  ] as const;
}

export async function checkPhone(session: Session, name: string, phone: string | undefined): Promise<Report> {
  const { company, ...asked } = await session.perform(companyCheck, { company: name, phone });
  const { url, timeoutMs, cacheMs, unanswered, answer, tookMs } = asked;
  const settings = `${url}: time limit ${timeoutMs} ms, answers hold for ${cacheMs / 1_000} s, unanswered: ${unanswered}`;
  return {
    text: `${inWords(answer, unanswered)} (${tookMs} ms)\n${settings}`,
    data: { companyId: company.id, ...asked },
    failed: answer.kind === 'unanswered',
  };
}

type Answer =
  | { readonly kind: 'answer'; readonly allow: boolean; readonly reason: string | null }
  | { readonly kind: 'unanswered'; readonly why: string };

function inWords(answer: Answer, unanswered: PhoneCheckLimits['unanswered']): string {
  if (answer.kind === 'unanswered') {
    const then = unanswered === 'send' ? 'sent' : 'refused with 503';
    return `No answer: ${answer.why}. Leads would be ${then}.`;
  }
  if (answer.allow) return 'Allowed: its leads are taken.';
  return `Refused: its leads get 422. ${answer.reason === null ? 'No reason was given.' : `Reason: ${answer.reason}`}`;
}
