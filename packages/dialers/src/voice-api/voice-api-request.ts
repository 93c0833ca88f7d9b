/** The requests of the voice API, as pure functions: URLs below a dialer's base URL, and bodies. */
import type { UploadLead, UploadRequest } from '../lead-loader.ts';

/** @returns undefined where the parts do not make a URL right below the base: the token must not go anywhere else. */
export function directLoadUrl(baseUrl: string, accountId: string, campaignId: string): URL | undefined {
  const [account, campaign] = [encodeURIComponent(accountId), encodeURIComponent(campaignId)];
  return urlBelow(baseUrl, `v1/admin/accounts/${account}/campaigns/${campaign}/leadLoader/direct`);
}

/** @param page counted from 1. @returns as `directLoadUrl`. */
export function leadSearchUrl(
  baseUrl: string,
  accountId: string,
  page: number,
  maxRows: number,
): URL | undefined {
  const path = `v1/admin/accounts/${encodeURIComponent(accountId)}/campaignLeads/leadSearch`;
  return urlBelow(baseUrl, `${path}?page=${page}&maxRows=${maxRows}`);
}

/** @returns as `directLoadUrl`. */
export function urlBelow(baseUrl: string, path: string): URL | undefined {
  if (!URL.canParse(baseUrl)) return undefined;
  const base = new URL(`${baseUrl.replace(/\/+$/, '')}/`);
  const plain =
    /^https?:$/.test(base.protocol) && !base.username && !base.password && !base.search && !base.hash;
  const url = new URL(base.href + path);
  // An id of `..` climbs out of the base path, and is seen by the URL having become another.
  return plain && url.href === base.href + path ? url : undefined;
}

/**
 * The body of a direct load. Empty strings are left out: they can get a lead rejected.
 *
 * With the option `phoneNumbersI18nEnabled` each lead has its number as E.164 too. Source: RingCentral's RingCX documentation, "About Lead
 * Loader API": accounts in E.164 mode require `leadPhoneE164`, and the example there sends `leadPhone` beside it. Duplicate handling goes by
 * `leadPhone`, and so do rejected rows, so it stays as it is. The caller ID is documented with 10 digits in either mode.
 */
export function directLoadBody({ options, leads }: UploadRequest): Readonly<Record<string, unknown>> {
  const inE164 = options['phoneNumbersI18nEnabled'] === true;
  return { ...withoutEmpty(options), uploadLeads: leads.map((lead) => leadBody(lead, inE164)) };
}

function leadBody({ externId, phone, callerId, fields }: UploadLead, inE164: boolean) {
  return {
    ...withoutEmpty(fields),
    externId,
    leadPhone: phone,
    ...(inE164 && { leadPhoneE164: `+1${phone}` }),
    ...(callerId && { callerId }),
  };
}

function withoutEmpty<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''));
}

/**
 * The body of a lead search. Campaign ids are documented as numbers; one that is none is sent as it is. A suppressed lead is one that the
 * dialing system has and does not dial; without `suppressed: "ALL"` it may be left out, and would look absent.
 */
export function leadSearchBody(
  campaignId: string,
  externIds: readonly string[],
): Readonly<Record<string, unknown>> {
  const numeric = /^\d+$/.test(campaignId) && Number.isSafeInteger(Number(campaignId));
  return { campaignIds: [numeric ? Number(campaignId) : campaignId], externIds, suppressed: 'ALL' };
}
