import { dropUnforwarded } from '@live-feed/core/lead/lead-request';
import type { KeyRecord } from '@live-feed/database/directory/lookups';

/**
 * Makes of a body what is meant, before it is validated: fields that its dialer is not sent are dropped, the key's default is put in, and PHP's
 * empty object, `[]`, is one.
 */
export function prepareBody(body: unknown, { dialer, settings }: KeyRecord): void {
  dropUnforwarded(body, dialer?.leadSettings.forward ?? []);
  if (!isObject(body)) return;
  const { campaignId, lead } = body;
  if (campaignId === undefined || campaignId === null || campaignId === '') {
    if (settings.defaultCampaign !== undefined) body.campaignId = settings.defaultCampaign;
  }
  if (isEmptyList(body.options)) body.options = {};
  if (isObject(lead) && isEmptyList(lead.extendedLeadData)) lead.extendedLeadData = {};
}

interface Body {
  campaignId?: unknown;
  options?: unknown;
  lead?: unknown;
  extendedLeadData?: unknown;
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
