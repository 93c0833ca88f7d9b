import type { FastifyInstance } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import { buildDocument, type DocumentedRoute } from './build-document.ts';
import type { DocumentedWebhook } from './webhooks.ts';

const INFO: OpenAPIV3_1.InfoObject = {
  title: 'Live Feed',
  version: '1.0.0',
  description:
    'Takes leads, one or many at a time, and loads them into RingCX or NewBridge campaigns in real time; the response to a lead is what the dialer said.\n\n' +
    'Send your API key as a bearer token. Every error has the same shape: `code` is for programs, `message` for people, and `retryable` says ' +
    'whether the same lead may be submitted again. Every response carries `x-request-id`: quote it to support. Members and codes may be added ' +
    'at any time, so ignore those that you do not know.',
  contact: { name: 'The operator of this gateway' },
  license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
};

/**
 * Serves `/openapi.json`, made from the routes and the schemas that validate. To be called before any route is added.
 *
 * @param webhooks by name
 */
export function documentApi(
  app: FastifyInstance,
  webhooks: Readonly<Record<string, DocumentedWebhook>>,
): void {
  const routes: DocumentedRoute[] = [];
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const operation = config?.document;
    // Fastify adds a HEAD to each GET.
    if (operation === undefined || method === 'HEAD') return;
    routes.push({
      method: String(method),
      url,
      operation,
      schema: (schema ?? {}) as DocumentedRoute['schema'],
    });
  });
  // Serialised once: all answers share these bytes.
  let bytes: Buffer | undefined;
  app.get('/openapi.json', async (_request, reply) => {
    bytes ??= Buffer.from(JSON.stringify(buildDocument(INFO, routes, webhooks)));
    return reply.type('application/json; charset=utf-8').send(bytes);
  });
}
