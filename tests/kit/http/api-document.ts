import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Answer } from './client.ts';
import { resolveReferences } from './references.ts';

/**
 * Holds an answer of an ingress against the OpenAPI document that the same ingress publishes: status, code, headers and body.
 *
 * @throws Error that says what the document does not know
 */
export type HoldAgainstDocument = (method: string, path: string, answer: Answer) => void;

interface Response {
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: {
    readonly 'application/json'?: {
      readonly schema: object;
      readonly examples?: Readonly<Record<string, unknown>>;
    };
  };
}

interface Header {
  readonly required?: boolean;
  readonly schema: object;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>>>>;
  /** `AnyError`: what a path without an operation of its own answers. */
  readonly components: { readonly responses: Readonly<Record<'AnyError', Response>> };
}

/** The path's pattern: `/live-feed/leads/{leadId}`. */
function documentedPath(path: string): string {
  return path.replace(/[?#].*$/, '').replace(/^(\/live-feed\/leads\/).*$/, '$1{leadId}');
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
  const document = resolveReferences((await response.json()) as ApiDocument);
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  const compiled = new Map<object, ValidateFunction>();

  function check(what: string, schema: object, value: unknown): void {
    const validate = compiled.get(schema) ?? ajv.compile(closed(schema) as object);
    compiled.set(schema, validate);
    if (!validate(value)) throw new Error(`${what} is not as documented: ${ajv.errorsText(validate.errors)}`);
  }

  return (method, path, answer) => {
    // HEAD is GET without the body (RFC 9110, section 9.3.2).
    const documentedMethod = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = document.paths[documentedPath(path)]?.[documentedMethod];
    const what = `The answer ${answer.status} to ${method} ${path}`;
    const anyError = answer.status >= 400 ? document.components.responses.AnyError : undefined;
    const documented = operation?.responses[answer.status] ?? anyError;
    if (documented === undefined) throw new Error(`${what} is not documented.`);

    const headers = Object.entries(documented.headers ?? {});
    for (const [name, { required = false, schema }] of headers) {
      const value = answer.headers.get(name);
      if (value !== null) check(`${what}: ${name}`, schema, value);
      else if (required || name === ALWAYS_WITH[answer.status]) throw new Error(`${what} lacks ${name}.`);
    }
    const known = new Set(headers.map(([name]) => name));
    for (const name of answer.headers.keys()) {
      if (name.startsWith('x-') && !known.has(name)) throw new Error(`${what}: ${name} is not documented.`);
    }
    const json = documented.content?.['application/json'];
    if (json === undefined || method === 'HEAD') return;
    if (!/^application\/json(;|$)/.test(answer.headers.get('content-type') ?? ''))
      throw new Error(`${what} is not JSON.`);
    check(what, json.schema, answer.body);
    const { code } = answer.body;
    if (code !== undefined && json.examples?.[code] === undefined) {
      throw new Error(`${what}: ${code} is not among its codes.`);
    }
  };
}

/** Not required in a response that has other statuses, too. */
const ALWAYS_WITH: Readonly<Record<number, string>> = { 405: 'allow', 429: 'retry-after' };

/** The document leaves room for members to come; here each has to be in it. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]));
  const isClosed = typeof parts['properties'] === 'object' && parts['additionalProperties'] === undefined;
  return isClosed ? { ...parts, additionalProperties: false } : parts;
}
