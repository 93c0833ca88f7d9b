import { phoneRegion } from '@live-feed/core/caller-id/phone-region';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { type AniRow, importAnis } from '@live-feed/database/caller-ids/ani-import';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { personal } from '../inputs/masked-input.ts';
import { ofCompany } from '../operation.ts';
import { MOST_ANI_ROWS } from './ani-file.ts';

const rowInput = z.object({
  line: z.int().min(0).default(0).describe('its line in the file that it is from; errors name it'),
  phone: personal(z.string().max(100)).describe("in any form that a lead's phone may have"),
  dailyCap: z.number().nullable().optional().describe("null: the company's cap; left out: unchanged"),
  pools: z
    .array(z.string().max(255))
    .max(1_000)
    .readonly()
    .optional()
    .describe('ids of the campaigns whose pools it joins; it stays in its other pools'),
});

export const aniImport = ofCompany({
  name: 'ani.import',
  summary: 'adds numbers, or changes their caps and pools; reports wrong rows',
  role: 'operator',
  route: 'POST /companies/:company/anis',
  input: z.object({
    company: companyInput,
    rows: z.array(rowInput).max(MOST_ANI_ROWS).readonly(),
    dryRun: z
      .boolean()
      .default(false)
      .describe('change nothing; say what would change, and which rows are wrong'),
  }),
  /** Right rows are imported whatever is wrong with others. */
  async run({ database, progress, record }, { rows, dryRun }, company) {
    const onProgress = (done: number) => progress(done, rows.length);
    const imported = await importAnis(database, company.id, rows, { onProgress, dryRun });
    const { added, changed, errors } = imported;
    record({ after: { added, changed, wrongRows: errors.length } });
    return { company, ...imported, notOfUs: numbersOutsideUs(rows), dryRun };
  },
});

/** Imported but reported: callees may not recognise such a number, and only the tier `any` finds most of them. */
function numbersOutsideUs(rows: readonly Pick<AniRow, 'line' | 'phone'>[]) {
  return rows.flatMap(({ line, phone: text }) => {
    const reading = normalisePhone(text);
    const region = reading.ok ? phoneRegion(reading.phone) : 'us';
    return reading.ok && region !== 'us' ? [{ line, phone: reading.phone, region }] : [];
  });
}
