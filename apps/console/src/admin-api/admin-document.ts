import type { AnyOperation } from '@live-feed/operations/operation';
import { z } from 'zod';

const PROBLEM = {
  type: 'object',
  required: ['title', 'status', 'detail', 'requestId'],
  properties: {
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, and what to do, for a person.' },
    requestId: { type: 'string' },
    see: { type: 'string', description: 'The `operationId` of the operation that helps.' },
    problems: {
      type: 'array',
      description: 'What is wrong with the input, by member.',
      items: {
        type: 'object',
        required: ['member', 'message'],
        properties: { member: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
} as const;

const REFUSALS: Readonly<Record<string, string>> = {
  400: 'The request is not what the operation takes.',
  401: 'No key, or one that does not work.',
  403: 'The role of the key is not enough, or the key reaches one company only.',
  404: 'What is named does not exist, or belongs to a company that the key does not reach.',
  409: 'It is not in a state for that.',
  429: 'Too many wrong keys.',
  503: 'What it needs cannot be reached.',
};

/** The OpenAPI 3.1 document of the operations. */
export function adminDocument(operations: readonly AnyOperation[], prefix: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const [method = '', route = ''] = operation.route.split(' ');
    const path = route.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(operation, method, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Live Feed admin API',
      version: '1',
      description:
        'What the console and the command line can do, for programs. Changes are recorded in the audit log.',
    },
    servers: [{ url: prefix }],
    security: [{ key: [] }],
    paths,
    components: {
      schemas: { Problem: PROBLEM },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key of the admin API: `oiq_admin_…`.' },
      },
    },
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

function describe(
  { name, summary, role, input, produces }: AnyOperation,
  method: string,
  path: string,
): object {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input' }) as ObjectSchema;
  const isInPath = (member: string) => path.includes(`{${member}}`);
  const rest = Object.entries(properties).filter(([member]) => !isInPath(member));
  const parameter =
    (place: 'path' | 'query') =>
    ([member, schema]: [string, { description?: string }]) => ({
      ...{ name: member, in: place, required: place === 'path' || required.includes(member), schema },
      ...(schema.description === undefined ? {} : { description: schema.description }),
    });
  const inQuery = method === 'GET' || method === 'DELETE';
  const needed = required.filter((member) => !isInPath(member));
  return {
    operationId: name,
    summary: `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    description: `Needs the role ${role}.`,
    tags: [name.replace(/\..*/, '')],
    parameters: [
      ...Object.entries(properties)
        .filter(([member]) => isInPath(member))
        .map(parameter('path')),
      ...(inQuery ? rest.map(parameter('query')) : []),
    ],
    ...(inQuery || rest.length === 0 ? {} : { requestBody: bodyOf(Object.fromEntries(rest), needed) }),
    responses: {
      200: { description: 'Done.', content: contentOf(produces) },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [
          status,
          {
            description,
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
    },
  };
}

function contentOf(mediaType: string | undefined): object {
  if (mediaType === undefined) return { 'application/json': { schema: { type: 'object' } } };
  return { [mediaType]: { schema: { type: 'string' } } };
}

function bodyOf(properties: object, required: readonly string[]): object {
  return {
    required: required.length > 0,
    content: {
      'application/json': {
        schema: { type: 'object', properties, ...(required.length === 0 ? {} : { required }) },
      },
    },
  };
}
