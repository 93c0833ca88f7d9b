import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types';
import { headerComponents, headersOf } from './answer-headers.ts';

type Document = Partial<OpenAPIV3.Document | OpenAPIV3_1.Document>;

export const LEAD_TAG = 'Live feed';

const DOCS = '/docs';
/** Swagger UI's own redirects are absolute. */
const RELATIVE_REDIRECTS: ReadonlyMap<string, string> = new Map([
  [DOCS, 'docs/'],
  [`${DOCS}/static/index.html`, '../'],
]);

/** Serves `/openapi.json`, made from the schemas that validate, and its pages at `/docs`. To be called before any route is added. */
export async function documentApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Live Feed',
        version: '1.0.0',
        description:
          'Takes leads, one or many at a time, and loads them into RingCX or NewBridge campaigns in real time. Every error has the same ' +
          'shape, and every response carries `x-request-id`: quote it to support.',
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'A universal API key.' },
        },
        headers: headerComponents,
        parameters: {
          requestId: {
            name: 'x-request-id',
            in: 'header',
            description:
              'Your id of the request: 1 to 128 letters, digits and `._~:@/+=-`. Anything else is ignored.',
            schema: { type: 'string' },
          },
          prefer: {
            name: 'prefer',
            in: 'header',
            description:
              'RFC 7240. `respond-async`: 202 as soon as the lead is kept. `wait=<seconds>`: 202 if its outcome is not known by then. ' +
              'Both may be sent. The wait is never longer than without them.',
            schema: { type: 'string' },
            example: 'respond-async, wait=5',
          },
          idempotencyKey: {
            name: 'idempotency-key',
            in: 'header',
            description:
              'Up to 255 characters, quoted or not, new for each lead. For 24 hours the same request under it gets the same response.',
            schema: { type: 'string' },
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) =>
      'openapiObject' in document ? withHeaders(document.openapiObject) : document.swaggerObject,
  });
  // A proxy may add a path prefix that is not known here: only relative URLs work, of the pages' files and of the requests that they try.
  app.addHook('onRequest', async (request, reply) => {
    const to = RELATIVE_REDIRECTS.get(request.url.split('?', 1)[0] ?? '');
    if (to !== undefined) return reply.redirect(to);
  });
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    uiConfig: { validatorUrl: null },
    transformSpecificationClone: false,
    transformSpecification: (document) => ({ ...document, servers: [{ url: '..' }] }),
  });
  // Serialised once: all answers share these bytes.
  let bytes: Buffer | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    bytes ??= Buffer.from(JSON.stringify(app.swagger()));
    return reply.type('application/json; charset=utf-8').send(bytes);
  });
}

function headerParameters(operationId: string | undefined): OpenAPIV3_1.ReferenceObject[] {
  const submits = operationId === 'submitLead' || operationId === 'submitLeads';
  const names = submits ? ['requestId', 'prefer', 'idempotencyKey'] : ['requestId'];
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

/** Adds the headers of requests and answers to each operation: the zod schemas describe bodies only. */
function withHeaders(document: Document): Document {
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path?.get, path?.post, path?.delete]) {
      if (operation === undefined) continue;
      operation.parameters = [...(operation.parameters ?? []), ...headerParameters(operation.operationId)];
      for (const [status, answer] of Object.entries(operation.responses ?? {})) {
        if ('description' in answer) answer.headers = headersOf(operation.operationId, status);
      }
    }
  }
  return document;
}
