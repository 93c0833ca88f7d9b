import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Answer } from './client.ts';

/**
 * Holds an answer of an ingress against the OpenAPI document that the same ingress publishes: status, headers and body.
 *
 * @throws Error that says what the document does not know
 */
export type HoldAgainstDocument = (method: string, path: string, answer: Answer) => void;

interface Response {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: { readonly 'application/json'?: { readonly schema: object } };
}

interface Header {
  readonly required?: boolean;
  readonly schema: object;
}

interface ApiDocument {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> } | undefined>>
    >
  >;
  readonly components: { readonly headers: Readonly<Record<string, Header>> };
}

/** Where a path has no operation of its own, its errors are those of every other. */
const ANY_ERROR = ['/live-feed/ringcx', 'post'] as const;

/** The path's pattern: `/live-feed/leads/{leadId}`. */
function documentedPath(path: string): string {
  return path.replace(/[?#].*$/, '').replace(/^(\/live-feed\/leads\/).+$/, '$1{leadId}');
}

const documents = new Map<string, Promise<HoldAgainstDocument>>();

/** Read once from each ingress. @param url of the ingress, without a path */
export function documentOf(url: string): Promise<HoldAgainstDocument> {
  const known = documents.get(url);
  if (known !== undefined) return known;
  const read = readDocument(url);
  documents.set(url, read);
  read.catch(() => documents.delete(url));
  return read;
}

async function readDocument(url: string): Promise<HoldAgainstDocument> {
  const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(60_000) });
  const document = (await response.json()) as ApiDocument;
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  const compiled = new Map<object, ValidateFunction>();

  function check(what: string, schema: object, value: unknown): void {
    const validate = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, validate);
    if (!validate(value)) throw new Error(`${what} is not as documented: ${ajv.errorsText(validate.errors)}`);
  }

  return (method, path, answer) => {
    const [anyPath, anyMethod] = ANY_ERROR;
    // HEAD is GET without the body (RFC 9110, section 9.3.2).
    const documentedMethod = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation =
      document.paths[documentedPath(path)]?.[documentedMethod] ??
      (answer.status >= 400 ? document.paths[anyPath]?.[anyMethod] : undefined);
    const what = `The answer ${answer.status} to ${method} ${path}`;
    const documented = operation?.responses[answer.status];
    if (documented === undefined) throw new Error(`${what} is not documented.`);

    const headers = Object.entries(documented.headers ?? {}).map(([name, { $ref }]) => {
      const header = document.components.headers[$ref.split('/').at(-1) ?? ''];
      if (header === undefined) throw new Error(`The document has no ${$ref}.`);
      return [name, header] as const;
    });
    for (const [name, { required = false, schema }] of headers) {
      const value = answer.headers.get(name);
      if (value !== null) check(`${what}: ${name}`, schema, value);
      else if (required) throw new Error(`${what} lacks ${name}.`);
    }
    const known = new Set(headers.map(([name]) => name));
    for (const name of answer.headers.keys()) {
      if (name.startsWith('x-') && !known.has(name)) throw new Error(`${what}: ${name} is not documented.`);
    }
    const schema = documented.content?.['application/json']?.schema;
    if (schema === undefined || method === 'HEAD') return;
    if (!/^application\/json(;|$)/.test(answer.headers.get('content-type') ?? ''))
      throw new Error(`${what} is not JSON.`);
    check(what, schema, answer.body);
  };
}
