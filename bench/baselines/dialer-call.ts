import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { LEAD_FIELDS } from '@live-feed/core/lead/lead-fields';
import { UPLOAD_DEFAULTS } from '@live-feed/core/lead/lead-request';
import { got } from 'got';
import { z } from 'zod';
import type { BaselineSettings } from './settings.ts';

export interface Lead {
  /** Of the dialer. */
  readonly accountId: string;
  readonly campaignId: string;
  /** 10 digits. */
  readonly phone: string;
  readonly fields: Readonly<Record<string, string>>;
}

export type DialerAnswer = z.infer<typeof answerSchema>;

const answerSchema = z.looseObject({ leadsAccepted: z.number() });

/** Loads one lead with one call over a kept connection, which all dialers share. A 429 had no effect, so it is tried again: after `Retry-After`, else 1, 2, 4, 5, 5 … s. */
export function connectDialers({ baseUrl, accounts }: Pick<BaselineSettings, 'baseUrl' | 'accounts'>) {
  const tokens = new Map(accounts.map(({ accountId, token }) => [accountId, token]));
  const client = got.extend({
    agent: { http: new Agent({ keepAlive: true }) },
    retry: { limit: 10, methods: ['POST'], statusCodes: [429], errorCodes: [], backoffLimit: 5_000 },
  });
  return async (lead: Lead, signal?: AbortSignal): Promise<DialerAnswer> => {
    const { accountId, campaignId, phone, fields } = lead;
    const url = `${baseUrl}/v1/admin/accounts/${accountId}/campaigns/${campaignId}/leadLoader/direct`;
    const uploadLead = { ...fields, leadPhone: phone, externId: randomUUID() };
    const json = { ...UPLOAD_DEFAULTS, uploadLeads: [uploadLead] };
    const headers = { 'x-auth-token': tokens.get(accountId) };
    return answerSchema.parse(await client.post(url, { headers, json, ...(signal && { signal }) }).json());
  };
}

/** The lead's own fields, as Live Feed forwards them. */
export function fieldsOf(lead: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(LEAD_FIELDS.flatMap((name) => (lead[name] ? [[name, lead[name]]] : [])));
}
