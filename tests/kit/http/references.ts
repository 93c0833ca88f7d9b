/**
 * A JSON document with every `$ref` replaced by what it names; members beside a `$ref` are added to that. What is named twice is one object.
 *
 * @throws Error for a reference to nothing
 */
export function resolveReferences<Document>(document: Document): Document {
  const resolved = new Map<string, unknown>();

  function resolve(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(resolve);
    if (typeof part !== 'object' || part === null) return part;
    const { $ref, ...beside } = part as { readonly $ref?: unknown };
    const own = Object.fromEntries(Object.entries(beside).map(([name, inner]) => [name, resolve(inner)]));
    if (typeof $ref !== 'string') return own;
    const named = target($ref);
    return Object.keys(own).length === 0 ? named : { ...(named as object), ...own };
  }

  function target(ref: string): unknown {
    if (!resolved.has(ref)) resolved.set(ref, resolve(lookUp(document, ref)));
    return resolved.get(ref);
  }

  return resolve(document) as Document;
}

function lookUp(document: unknown, ref: string): unknown {
  let part: unknown = document;
  for (const name of ref.replace(/^#\//, '').split('/')) {
    part = (part as Readonly<Record<string, unknown>>)[name];
    if (part === undefined) throw new Error(`The document has no ${ref}.`);
  }
  return part;
}
