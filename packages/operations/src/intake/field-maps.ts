import {
  fieldDefaultsSchema,
  type IntakeSettings,
  REQUEST_FIELDS,
  sourceNameSchema,
} from '@live-feed/core/directory/intake-settings';
import { FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import type { Database } from '@live-feed/database/connection/client';
import { changeIntake, findIntake } from '@live-feed/database/directory/intake';
import { findDialerOf } from '@live-feed/database/directory/lookups';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { ofCompany } from '../operation.ts';

export const dialerFields = ofCompany({
  name: 'dialer.fields',
  summary: 'shows under which names callers may send fields, and what fields have where they send none',
  role: 'viewer',
  route: 'GET /companies/:company/fields',
  input: z.object({ company: companyInput }),
  async run({ database }, _input, company) {
    const intake = await findIntake(database, company.id);
    return { company, ...intake, notSentOn: await notSentOn(database, company.id, intake) };
  },
});

const field = z.enum([...REQUEST_FIELDS.keys()]);

export const dialerMap = ofCompany({
  name: 'dialer.map',
  summary: 'changes under which names callers may send fields, and what fields have where they send none',
  role: 'operator',
  route: 'PATCH /companies/:company/fields',
  input: z.object({
    company: companyInput,
    map: z
      .partialRecord(field, sourceNameSchema.nullable())
      .default({})
      .describe('by field of the API, what callers call it: {"auxData1": "source"}; null removes it'),
    defaults: fieldDefaultsSchema
      .partial()
      .default({})
      .describe('for leads without that field; null removes it'),
  }),
  async run({ database, record }, { map, defaults }, company) {
    const before = await findIntake(database, company.id);
    const intake = await changeIntake(database, company.id, { map: given(map), defaults: given(defaults) });
    record({
      before: { map: before.map, defaults: before.defaults },
      after: { map: intake.map, defaults: intake.defaults },
    });
    return { company, ...intake, notSentOn: await notSentOn(database, company.id, intake) };
  },
});

export const FIELD_OPERATIONS = [dialerFields, dialerMap];

function given<Value>(values: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, Value>;
}

/** Fields that are mapped in vain: the dialer is not sent them. */
async function notSentOn(
  database: Database,
  companyId: string,
  { map, defaults }: IntakeSettings,
): Promise<string[]> {
  const forward = (await findDialerOf(database, companyId))?.leadSettings.forward ?? [];
  const mapped: ReadonlySet<string> = new Set([...Object.keys(map), ...Object.keys(defaults)]);
  return FORWARDABLE_FIELDS.filter((name) => mapped.has(name) && !forward.includes(name));
}
