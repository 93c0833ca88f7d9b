import { digestApiKey } from '@live-feed/core/crypto/api-key';
import { LEAD_FIELDS } from '@live-feed/core/lead/lead-fields';
import { normalisePhone } from '@live-feed/core/lead/phone';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { type DialerAnswer, fieldsOf, type Lead } from './dialer-call.ts';
import type { Account } from './settings.ts';

export type Submit = (lead: Lead, signal: AbortSignal) => Promise<DialerAnswer>;

interface Body {
  readonly campaignId: string;
  readonly lead: Readonly<Record<string, string>> & { readonly leadPhone: string };
}

const text = { type: 'string', maxLength: 1_024 };
const bodySchema = {
  type: 'object',
  required: ['campaignId', 'lead'],
  properties: {
    campaignId: { type: 'string', minLength: 1, maxLength: 255 },
    lead: {
      type: 'object',
      required: ['leadPhone'],
      properties: {
        leadPhone: { type: 'string', maxLength: 255 },
        ...Object.fromEntries(LEAD_FIELDS.map((name) => [name, text])),
      },
    },
  },
};

/** As Live Feed's. */
const deadlineMs = 25_000;

/** The front of both baselines: `POST /live-feed/ringcx`, authenticated and validated, answered with what `submit` comes back with. */
export function buildLeadEndpoint(accounts: readonly Account[], submit: Submit): FastifyInstance {
  const known = new Map(accounts.map(({ apiKey, accountId }) => [digestApiKey(apiKey), accountId]));
  const app = Fastify({ bodyLimit: 64 * 1_024, forceCloseConnections: true });
  app.decorateRequest('accountId', '');

  app.post<{ Body: Body }>('/live-feed/ringcx', {
    schema: { body: bodySchema },
    onRequest: async (request, reply) => {
      const [, key] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
      const accountId = key && known.get(digestApiKey(key));
      if (accountId === undefined || accountId === '') {
        return reply.code(401).send({ success: false, error: 'The API key is missing or not valid.' });
      }
      request.setDecorator('accountId', accountId);
    },
    handler: async (request, reply) => {
      const { campaignId, lead } = request.body;
      const reading = normalisePhone(lead.leadPhone);
      if (!reading.ok) return reply.code(400).send({ success: false, error: reading.reason });
      const signal = waitingEnds(reply);
      try {
        const accountId = request.getDecorator<string>('accountId');
        const answer = await submit(
          { accountId, campaignId, phone: reading.phone, fields: fieldsOf(lead) },
          signal,
        );
        return reply
          .code(answer.leadsAccepted === 1 ? 200 : 502)
          .send({ success: answer.leadsAccepted === 1, dialerResponse: answer });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return reply.code(signal.aborted ? 504 : 502).send({ success: false, error: message });
      }
    },
  });
  return app;
}

/** Aborts when nobody waits for the answer any more: the caller has gone, or the deadline is over. */
function waitingEnds(reply: FastifyReply): AbortSignal {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), deadlineMs);
  reply.raw.once('close', () => {
    clearTimeout(timer);
    if (!reply.raw.writableFinished) ended.abort();
  });
  return ended.signal;
}
