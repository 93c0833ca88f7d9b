import { resolveReferences } from '../http/references.ts';
import type { Schema } from './schema-values.ts';

/** What the API's document says can be asked. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With `{leadId}` where it has a parameter. */
  readonly path: string;
  readonly query: Readonly<Record<string, Schema>>;
  readonly headers: readonly string[];
  readonly body: Schema | undefined;
  /** Of the body as a form; left out where it is none. */
  readonly form?: Schema;
  /** Whether it asks for a key. */
  readonly secured: boolean;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly security: readonly unknown[];
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': { readonly schema: Schema };
      readonly 'application/x-www-form-urlencoded'?: { readonly schema: Schema };
    };
  };
  readonly security?: readonly unknown[];
}

/** The document leaves the campaign to keys that have a default one. Those of the fuzzer's callers have none, so every lead has to name its own. */
function withCampaigns<Part>(part: Part): Part {
  return JSON.parse(JSON.stringify(part), (_name, value) => {
    const { properties, required = [] } = value ?? {};
    const isLead =
      properties?.campaignId !== undefined && (required.includes('lead') || required.includes('leadPhone'));
    return isLead ? { ...value, required: ['campaignId', ...required] } : value;
  }) as Part;
}

/** @param url of the ingress, without a path */
export async function readOperations(url: string): Promise<Operation[]> {
  const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(60_000) });
  const document = withCampaigns(resolveReferences((await response.json()) as ApiDocument));
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const { parameters = [] } = operation;
      const form = operation.requestBody?.content['application/x-www-form-urlencoded']?.schema;
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        query: Object.fromEntries(
          parameters
            .filter((parameter) => parameter.in === 'query')
            .map(({ name, schema }) => [name, schema]),
        ),
        headers: parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name),
        body: operation.requestBody?.content['application/json'].schema,
        ...(form && { form }),
        secured: (operation.security ?? document.security).length > 0,
      };
    }),
  );
}
