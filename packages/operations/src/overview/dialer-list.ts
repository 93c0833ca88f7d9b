import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { ofReached, onlyCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { dialersOf } from './dialers.ts';

export const dialerList = ofReached({
  name: 'dialer.list',
  summary: 'lists dialers with how they stand, troubled ones first',
  role: 'viewer',
  route: 'GET /dialers',
  input: z.object({ company: companyInput.optional() }),
  async run({ database, redis }, { company }, reached) {
    const companyId = await onlyCompany({ database }, company, reached);
    const { lines } = await dialersOf({ database, redis }, companyId, Date.now());
    if (lines === null) {
      throw new Refusal('The states of the dialers are not known: Redis cannot be asked.', {
        kind: 'unavailable',
      });
    }
    return { dialers: lines };
  },
});
