import { duplicateRuleSchema } from '@live-feed/core/directory/duplicate-rule';
import { phoneCheckLimitsSchema } from '@live-feed/core/directory/phone-check';
import { setAniRules } from '@live-feed/database/caller-ids/ani-inventory';
import { setDuplicates } from '@live-feed/database/directory/companies';
import { findCompanySettings } from '@live-feed/database/directory/company-settings';
import { changeIntake } from '@live-feed/database/directory/intake';
import { z } from 'zod';
import { changesMoreThan, companyInput } from '../inputs/inputs.ts';
import { timeZone } from '../inputs/written.ts';
import { ofCompany } from '../operation.ts';
import { endpointHeadersInput, endpointUrlInput } from '../own-endpoint.ts';
import { setPhoneCheck } from './phone-check.ts';

export const companyShow = ofCompany({
  name: 'company.show',
  summary: "shows a company's settings",
  role: 'viewer',
  route: 'GET /companies/:company',
  input: z.object({ company: companyInput }),
  run: async ({ database }, _input, company) => ({
    company,
    settings: await findCompanySettings(database, company.id),
  }),
});

/** Of the endpoint that is asked about phones. Settings that are left out stay; for a new endpoint they are the defaults. */
const checkInput = z.object({
  url: endpointUrlInput.optional(),
  headers: endpointHeadersInput.optional(),
  ...phoneCheckLimitsSchema.partial().shape,
});

export const companySet = ofCompany({
  name: 'company.set',
  summary: 'changes how its ANIs are assigned, what becomes of duplicates, and how leads may come',
  role: 'admin',
  route: 'PATCH /companies/:company',
  input: z
    .object({
      company: companyInput,
      aniDailyCap: z
        .int()
        .min(0)
        .max(1_000_000)
        .optional()
        .describe('most leads a day for an ANI without a cap of its own'),
      timeZone: timeZone.optional().describe('IANA name of the time zone of its days'),
      whenNoAni: z
        .enum(['campaign_default', 'reject'])
        .optional()
        .describe("if no ANI is left: use the campaign's own caller ID, or refuse the lead"),
      duplicates: duplicateRuleSchema
        .nullable()
        .optional()
        .describe('what becomes of a lead whose phone another had shortly before; null: nothing'),
      formPosts: z.boolean().optional().describe('whether leads may come as form posts'),
      check: checkInput
        .nullable()
        .optional()
        .describe('the endpoint that is asked about each phone before its lead is taken; null: none'),
    })
    .refine(...changesMoreThan('company')),
  async run(context, { company: _named, ...changes }, company) {
    const { database, record } = context;
    const { aniDailyCap: dailyCap, timeZone, whenNoAni: whenNone, duplicates, formPosts, check } = changes;
    const before = await findCompanySettings(database, company.id);
    // First, because it alone can be refused.
    if (check !== undefined) await setPhoneCheck(context, company, check);
    await setAniRules(database, company.id, { dailyCap, timeZone, whenNone });
    if (duplicates !== undefined) await setDuplicates(database, company.id, duplicates);
    if (formPosts !== undefined) await changeIntake(database, company.id, { forms: formPosts });
    const after = await findCompanySettings(database, company.id);
    record({ target: company.name, before, after });
    return { company, settings: after };
  },
});
