import { digestApiKey, isAdminKey } from '@live-feed/core/crypto/api-key';
import { ROLES } from '@live-feed/core/directory/role';
import { useAdminKey } from '@live-feed/database/directory/admin-keys';
import type { Actor } from '@live-feed/operations/actor';
import { isDownload } from '@live-feed/operations/download';
import type { AnyOperation } from '@live-feed/operations/operation';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendDownload } from '../operations/send-download.ts';
import { BY_KEY } from '../sign-in/access.ts';
import { clientAddress, countedAddress } from '../sign-in/client-address.ts';
import type { SignInLimit } from '../sign-in/sign-in-limit.ts';
import { adminDocument } from './admin-document.ts';
import { problemOf, sendProblem } from './problem.ts';
import { givenInput, inputMembers } from './request-input.ts';

export const ADMIN_API_PREFIX = '/admin/v1';

/** A file of numbers, or of a do-not-call list. */
const MOST_BYTES = 10 * 1024 * 1024;

export interface AdminApi {
  readonly operations: readonly AnyOperation[];
  readonly resources: Resources;
  /** Wrong keys count as wrong passwords do. */
  readonly limit: SignInLimit;
  readonly logger: Logger;
}

/**
 * The HTTP API of the operations, `/admin/v1`: for each its route, with its input from path, query and JSON body, and its output as JSON.
 * The key is a bearer token. Errors are problem details (RFC 9457). What may be done, and what is recorded, is decided in `perform`.
 */
export async function adminApi(
  app: FastifyInstance,
  { operations, resources, limit, logger }: AdminApi,
): Promise<void> {
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const address = countedAddress(clientAddress(request));
    // By address alone: nobody elsewhere can keep out those whose keys work.
    const attempt = { address, account: address };
    const blockedForMs = limit.blockedForMs(attempt);
    if (blockedForMs > 0) {
      reply.header('retry-after', String(Math.ceil(blockedForMs / 1_000)));
      return sendProblem(reply, 429, 'Too many wrong keys came from your address. Try again later.');
    }
    const actor = await actorOf(request, resources);
    if (actor === undefined) {
      if (request.headers.authorization !== undefined) limit.begin(attempt);
      reply.header('www-authenticate', 'Bearer realm="Live Feed admin API"');
      return sendProblem(
        reply,
        401,
        'Send a key of the admin API as a bearer token: `Authorization: Bearer oiq_admin_…`. A person with the role admin issues one.',
      );
    }
    request.setDecorator('actor', actor);
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, detail, more } = problemOf(error);
    if (status >= 500) logger.error({ err: error, url: request.routeOptions.url }, 'an operation failed');
    return sendProblem(reply, status, detail, more);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, 404, `There is nothing here. ${ADMIN_API_PREFIX}/openapi.json says what there is.`),
  );

  const document = adminDocument(operations, ADMIN_API_PREFIX);
  app.get('/openapi.json', { exposeHeadRoute: false, config: { access: BY_KEY } }, async () => document);
  for (const operation of operations) addRoute(app, operation, resources);
}

function addRoute(app: FastifyInstance, operation: AnyOperation, resources: Resources): void {
  const [method, url] = operation.route.split(' ') as ['GET', string];
  const members = inputMembers(operation.input);
  app.route({
    method,
    url,
    bodyLimit: MOST_BYTES,
    exposeHeadRoute: false,
    config: { access: BY_KEY },
    handler: async (request, reply) => {
      const actor = request.getDecorator<Actor>('actor');
      const session = { actor, resources, signal: request.gone ?? undefined };
      const output = await perform(session, operation, givenInput(request, members));
      return isDownload(output) ? sendDownload(reply, output) : output;
    },
  });
}

async function actorOf(request: FastifyRequest, { database }: Resources): Promise<Actor | undefined> {
  const [, key = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!isAdminKey(key)) return undefined;
  const found = await useAdminKey(database, digestApiKey(key));
  const role = ROLES.find((each) => each === found?.role);
  if (found === undefined || role === undefined) return undefined;
  const { id, label, companyId } = found;
  return { id, name: label, via: 'admin-api', from: clientAddress(request), role, companyId };
}
