import { isDeepStrictEqual } from 'node:util';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';

type Schema = OpenAPIV3_1.SchemaObject;

/** Makes JSON Schemas of zod's, and collects those that have a name (`meta({ id })`), so that each is in the document once. */
export function createSchemaComponents() {
  const named: Record<string, Schema> = {};

  /** @throws Error if two schemas have one name, be it because what is sent and what is received differ */
  function keep(name: string, schema: Schema): void {
    const known = named[name];
    if (known !== undefined && !isDeepStrictEqual(known, schema)) {
      throw new Error(`There are two different schemas of the name ${name}.`);
    }
    named[name] = schema;
  }

  return {
    named,
    /** @param io `input`: as callers send it, `output`: as they get it */
    of(schema: z.ZodType, io: 'input' | 'output'): Schema {
      const json = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: leaveOpen });
      const { $schema: _version, $defs = {}, ...own } = withReferences(json);
      for (const [name, part] of Object.entries($defs)) keep(name, part as Schema);
      return own as Schema;
    },
  };
}

/** Members can be added to any answer: clients that forbid unknown ones would break then. */
function leaveOpen({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

function withReferences(json: z.core.JSONSchema.BaseSchema): z.core.JSONSchema.BaseSchema {
  return JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
