import { dropUnforwarded } from '@live-feed/core/lead/lead-request';
import type { KeyRecord } from '@live-feed/database/directory/lookups';

/** Makes of a body what its key makes of it, before it is validated: fields that its dialer is not sent are dropped, a default is put in. */
export function prepareBody(body: unknown, { dialer, settings }: KeyRecord): void {
  dropUnforwarded(body, dialer?.leadSettings.forward ?? []);
  if (settings.defaultCampaign === undefined || typeof body !== 'object' || body === null) return;
  const request = body as { campaignId?: unknown };
  const { campaignId } = request;
  if (campaignId === undefined || campaignId === null || campaignId === '') {
    request.campaignId = settings.defaultCampaign;
  }
}
