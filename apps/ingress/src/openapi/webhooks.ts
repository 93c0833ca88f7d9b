import type { OpenAPIV3_1 } from 'openapi-types';
import type { z } from 'zod';
import type { Tag } from './operation.ts';
import type { createSchemaComponents } from './schema-components.ts';

/** A request that the gateway makes to a company's endpoint. */
export interface DocumentedWebhook {
  readonly summary: string;
  readonly description: string;
  /** Of the body. */
  readonly schema: z.ZodType;
  readonly example: unknown;
}

const TAG: Tag = 'Webhooks';

const HEADERS = {
  'webhook-id': 'The same at each attempt at this delivery.',
  'webhook-timestamp':
    'When this attempt was made, in seconds since 1970. Refuse what is more than five minutes off.',
  'webhook-signature':
    'Standard Webhooks: `v1,` and the base64 of the HMAC-SHA-256 of `<webhook-id>.<webhook-timestamp>.<body>`; two of them, separated by a space, while the secret is rotated.',
};

/** @param operationId its name as well */
export function describeWebhook(
  operationId: string,
  { summary, description, schema, example }: DocumentedWebhook,
  schemas: ReturnType<typeof createSchemaComponents>,
): OpenAPIV3_1.OperationObject {
  return {
    operationId,
    summary,
    description,
    tags: [TAG],
    security: [],
    parameters: Object.entries(HEADERS).map(([name, about]) => ({
      name,
      in: 'header',
      required: true,
      description: about,
      schema: { type: 'string' },
    })),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schemas.of(schema, 'output'), example } },
    },
    responses: {
      '2XX': {
        description: 'Taken. Anything else, or nothing within 10 seconds, is a failure: it is sent again.',
      },
      '410': { description: 'The endpoint is gone: it is switched off.' },
    },
  };
}
