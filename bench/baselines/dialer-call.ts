import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { LEAD_FIELDS, UPLOAD_DEFAULTS } from '@live-feed/core/lead/lead-request';
import { got } from 'got';
import { z } from 'zod';
import type { BaselineSettings } from './settings.ts';

export interface Lead {
  readonly campaignId: string;
  /** 10 digits. */
  readonly phone: string;
  readonly fields: Readonly<Record<string, string>>;
}

export type DialerAnswer = z.infer<typeof answerSchema>;

const answerSchema = z.looseObject({ leadsAccepted: z.number() });

/** Loads one lead with one call over a kept connection. A 429 had no effect, so it is tried again: after `Retry-After`, else 1, 2, 4, 5, 5 … s. */
export function connectDialer({ baseUrl, accountId, token }: BaselineSettings['dialer']) {
  const client = got.extend({
    agent: { http: new Agent({ keepAlive: true }) },
    headers: { 'x-auth-token': token },
    retry: { limit: 10, methods: ['POST'], statusCodes: [429], errorCodes: [], backoffLimit: 5_000 },
  });
  return async ({ campaignId, phone, fields }: Lead, signal?: AbortSignal): Promise<DialerAnswer> => {
    const url = `${baseUrl}/v1/admin/accounts/${accountId}/campaigns/${campaignId}/leadLoader/direct`;
    const lead = { ...fields, leadPhone: phone, externId: randomUUID() };
    const json = { ...UPLOAD_DEFAULTS, uploadLeads: [lead] };
    return answerSchema.parse(await client.post(url, { json, ...(signal && { signal }) }).json());
  };
}

/** The lead's own fields, as Live Feed forwards them. */
export function fieldsOf(lead: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(LEAD_FIELDS.flatMap((name) => (lead[name] ? [[name, lead[name]]] : [])));
}
