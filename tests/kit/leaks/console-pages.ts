import { boardName } from '@live-feed/console/queues/board-name';
import type { Database } from '@live-feed/database/connection/client';
import { listDialerNames } from '@live-feed/database/directory/dialer-names';
import { PAGES, type PageRoute, thingsOf } from '../console/pages.ts';
import type { Console } from '../console/people.ts';
import { ROUTES } from '../console/routes.ts';
import type { Company } from '../system/company.ts';
import type { Queues } from '../system/queues.ts';
import { waitFor } from '../wait-for.ts';

const STATUSES = ['latest', 'active', 'waiting', 'completed', 'failed', 'delayed', 'prioritized', 'paused'];

export interface Readers {
  readonly viewer: string;
  readonly admin: string;
}

/**
 * All that people who look at these companies get to see: viewers what they may, admins the rest. Whole phones are for those who may
 * change things, on the pages of leads alone.
 *
 * @param cookies of who looks
 */
export async function readConsole(
  console: Console,
  cookies: Readers,
  queues: Queues,
  database: Database,
  companies: readonly Company[],
): Promise<Buffer> {
  const dialers = await listDialerNames(database);
  const names = new Map(dialers.map((dialer) => [dialer.dialerId, encodeURIComponent(boardName(dialer))]));
  const pages: string[] = [];
  async function read(url: string, as: keyof Readers = 'viewer'): Promise<string> {
    const headers = { cookie: cookies[as], accept: 'text/html' };
    const page = await console.inject({ method: 'GET', url, headers });
    if (page.statusCode >= 400) throw new Error(`${page.statusCode} at ${url}`);
    pages.push(JSON.stringify(page.headers), page.body);
    return page.body;
  }

  await waitFor(async () => {
    const shown = await read('/queues/api/queues');
    return companies.every(({ dialerId }) => shown.includes(decodeURIComponent(names.get(dialerId) ?? '?')));
  });
  for (const company of companies) {
    const leads = await database.lead.findMany({ where: { companyId: company.id }, select: { id: true } });
    if (leads.length > 0) {
      const things = await thingsOf(database, company.id);
      for (const [route, { path }] of Object.entries(PAGES)) {
        if (!route.includes(':jobId'))
          await read(`/${path(things)}`, isForViewers(route as PageRoute) ? 'viewer' : 'admin');
      }
    }
    for (const { id } of leads) await read(`/leads/${id}`);
    await read(`/leads/export?company=${company.id}`);
    const name = names.get(company.dialerId);
    for (const status of STATUSES)
      await read(`/queues/api/queues?activeQueue=${name}&status=${status}&page=1&jobsPerPage=50`);
    const jobs = await (await queues.of(company)).getJobs();
    for (const { id } of jobs) {
      await read(`/queues/api/queues/${name}/${id}`);
      await read(`/queues/api/queues/${name}/${id}/logs`);
    }
  }
  return Buffer.from(pages.join('\n'));
}

function isForViewers(route: PageRoute): boolean {
  const row: string = ROUTES[route];
  return row === 'anybody' || row.startsWith('viewer');
}
