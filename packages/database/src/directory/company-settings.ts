import { type DuplicateRule, readDuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { readIntakeSettings } from '@live-feed/core/directory/intake-settings';
import type { PhoneCheck } from '@live-feed/core/directory/phone-check';
import type { Database } from '../connection/client.ts';
import { findPhoneCheck } from './phone-checks.ts';

/** How a company's leads are taken and called. */
export interface CompanySettings {
  /** For ANIs without a cap of their own. */
  readonly aniDailyCap: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly whenNoAni: 'campaign_default' | 'reject';
  /** Null: duplicates are not looked for. */
  readonly duplicates: DuplicateRule | null;
  readonly formPosts: boolean;
  /** Null: phones are not checked. Headers are not shown. */
  readonly check:
    | (Pick<PhoneCheck, 'url' | 'timeoutMs' | 'cacheMs' | 'unanswered'> & { readonly hasHeaders: boolean })
    | null;
}

/** @throws if there is no such company */
export async function findCompanySettings(database: Database, id: string): Promise<CompanySettings> {
  const company = await database.company.findUniqueOrThrow({
    where: { id },
    select: { aniDailyCap: true, timeZone: true, whenNoAni: true, duplicates: true, intake: true },
  });
  const check = await findPhoneCheck(database, id);
  return {
    aniDailyCap: company.aniDailyCap,
    timeZone: company.timeZone,
    whenNoAni: company.whenNoAni === 'reject' ? 'reject' : 'campaign_default',
    duplicates: readDuplicateRule(company.duplicates),
    formPosts: readIntakeSettings(company.intake).forms,
    check: check === null ? null : shown(check),
  };
}

function shown({ url, timeoutMs, cacheMs, unanswered, headers }: PhoneCheck) {
  return { url, timeoutMs, cacheMs, unanswered, hasHeaders: headers !== null };
}
