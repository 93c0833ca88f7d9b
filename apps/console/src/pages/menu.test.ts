import { expect, test } from 'vitest';
import { type Access, from, ofAllCompanies } from '../sign-in/access.ts';
import { menuFor } from './menu.ts';

const table = new Map<string, Access>([
  ['GET /', from('viewer')],
  ['GET /people', from('admin')],
  ['GET /queues/', ofAllCompanies('viewer')],
]);
const entries = (role: 'viewer' | 'admin', companyId: string | null) =>
  menuFor({ role, companyId }, table).map(({ text }) => text);

test('has the pages that exist and that the person may see', () => {
  expect(entries('viewer', null)).toEqual(['Overview', 'Queues']);
  expect(entries('admin', null)).toEqual(['Overview', 'People', 'Queues']);
  expect(entries('admin', 'company')).toEqual(['Overview', 'People']);
});
