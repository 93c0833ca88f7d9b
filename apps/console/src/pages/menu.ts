import type { MenuEntry } from '../html/layout.ts';
import { type AccessTable, mayUse, type Person } from '../sign-in/access.ts';

/** The pages that the menu leads to, in its order. */
const ENTRIES: readonly MenuEntry[] = [
  { href: './', text: 'Overview' },
  { href: 'leads', text: 'Leads' },
  { href: 'dialers', text: 'Dialers' },
  { href: 'caller-ids', text: 'Caller IDs' },
  { href: 'companies', text: 'Companies' },
  { href: 'alerts', text: 'Alerts' },
  { href: 'audit', text: 'Audit' },
  { href: 'people', text: 'People' },
  { href: 'queues/', text: 'Queues' },
];

/** The entries whose pages exist and are open to the person. */
export function menuFor(person: Person, table: AccessTable): MenuEntry[] {
  return ENTRIES.filter(({ href }) => {
    const access = table.get(`GET /${href.replace('./', '')}`);
    return access !== undefined && mayUse(access, person);
  });
}
