import { STATUS_CODES } from 'node:http';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { z } from 'zod';
import { errorSchema } from './answer-schemas.ts';
import { ANY_ERROR, anyError, errorExamples, errorResponses } from './error-responses.ts';
import { ANSWER_HEADERS, headersOf, REQUEST_HEADERS, requestHeaders } from './headers.ts';
import { type Operation, TAGS, type Tag } from './operation.ts';
import { createSchemaComponents } from './schema-components.ts';
import { type DocumentedWebhook, describeWebhook } from './webhooks.ts';

type Document = OpenAPIV3_1.Document;
type Parameter = OpenAPIV3_1.ParameterObject;
type Response = OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject;
type Schemas = ReturnType<typeof createSchemaComponents>;

/** A route of the API, as Fastify has it. */
export interface DocumentedRoute {
  readonly method: string;
  /** `/live-feed/leads/:leadId`. */
  readonly url: string;
  readonly operation: Operation;
  /** What requests are validated by. */
  readonly schema: {
    readonly body?: z.ZodType;
    readonly params?: z.ZodType;
    readonly querystring?: z.ZodType;
  };
}

/** The OpenAPI document of these routes, those of the most important subject first. */
export function buildDocument(
  info: OpenAPIV3_1.InfoObject,
  routes: readonly DocumentedRoute[],
  webhooks: Readonly<Record<string, DocumentedWebhook>>,
): Document {
  const schemas = createSchemaComponents();
  const tags = Object.keys(TAGS) as Tag[];
  const place = ({ operation }: DocumentedRoute) => tags.indexOf(operation.tag);
  const paths: Record<string, Record<string, OpenAPIV3_1.OperationObject>> = {};
  schemas.of(errorSchema, 'output');
  for (const route of [...routes].sort((one, other) => place(one) - place(other))) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route, schemas) };
  }
  const posted = Object.entries(webhooks).map(([name, webhook]) => [
    name,
    { post: describeWebhook(name, webhook, schemas) },
  ]);
  const responses = shareResponses(paths);
  return {
    openapi: '3.1.0',
    info,
    // Relative to this document, since a proxy may add a path prefix that is not known here.
    servers: [{ url: '.', description: 'Where this document was read' }],
    security: [{ apiKey: [] }],
    tags: tags.map((name) => ({ name, description: TAGS[name] })),
    paths,
    webhooks: Object.fromEntries(posted),
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'A universal API key, or a test key, with which every request is a dry run.',
        },
      },
      parameters: REQUEST_HEADERS,
      headers: ANSWER_HEADERS,
      schemas: schemas.named,
      responses: { [ANY_ERROR]: anyError, ...responses },
      examples: errorExamples,
    },
  };
}

function describe({ operation, schema }: DocumentedRoute, schemas: Schemas): OpenAPIV3_1.OperationObject {
  const { operationId, tag, summary, description, open, headers, example, form } = operation;
  return {
    operationId,
    summary,
    description,
    tags: [tag],
    ...(open ? { security: [] } : {}),
    parameters: [
      ...parametersOf('path', schema.params, schemas),
      ...parametersOf('query', schema.querystring, schemas),
      ...requestHeaders(headers),
    ],
    ...(schema.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: schemas.of(schema.body, 'input'), example },
              ...(form && {
                'application/x-www-form-urlencoded': {
                  schema: schemas.of(form.schema, 'input'),
                  example: form.example,
                },
              }),
            },
          },
        }),
    responses: {
      ...successes(operation, schemas),
      ...errorResponses(operation),
      default: { $ref: `#/components/responses/${ANY_ERROR}` },
    },
  };
}

function successes({ answers }: Operation, schemas: Schemas): Record<string, Response> {
  const found: Record<string, Response> = {};
  for (const [status, { schema, headers, example }] of Object.entries(answers)) {
    if (schema === undefined) continue;
    found[status] = {
      description: schema.description ?? '',
      headers: headersOf(status, headers),
      content: { 'application/json': { schema: schemas.of(schema, 'output'), example } },
    };
  }
  return found;
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined, schemas: Schemas): Parameter[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(schema, 'input');
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...own } = property as OpenAPIV3_1.SchemaObject;
    return {
      name,
      in: place,
      ...(description === undefined ? {} : { description }),
      ...(place === 'path' || required.includes(name) ? { required: true } : {}),
      // The package's types know `exclusiveMinimum` of JSON Schema for schemas only.
      schema: own as NonNullable<Parameter['schema']>,
    };
  });
}

/** Moves error responses that several operations have to the components. */
function shareResponses(
  paths: Readonly<Record<string, Readonly<Record<string, OpenAPIV3_1.OperationObject>>>>,
): Record<string, Response> {
  const places = new Map<string, Record<string, Response>[]>();
  for (const { responses = {} } of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const [status, response] of Object.entries(responses)) {
      if (Number(status) < 400 || '$ref' in response) continue;
      const same = `${status} ${JSON.stringify(response)}`;
      places.set(same, [...(places.get(same) ?? []), responses]);
    }
  }
  const shared: Record<string, Response> = {};
  for (const [key, users] of places) {
    const status = key.slice(0, 3);
    const response = users[0]?.[status];
    if (users.length < 2 || response === undefined) continue;
    const name = freeName(STATUS_CODES[status] ?? status, shared);
    shared[name] = response;
    for (const responses of users) responses[status] = { $ref: `#/components/responses/${name}` };
  }
  return shared;
}

function freeName(phrase: string, taken: Readonly<Record<string, unknown>>): string {
  const name = phrase.replaceAll(/\W/g, '');
  let n = 1;
  while (Object.hasOwn(taken, n === 1 ? name : `${name}${n}`)) n += 1;
  return n === 1 ? name : `${name}${n}`;
}
