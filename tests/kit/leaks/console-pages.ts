import { boardName } from '@live-feed/console/queues/board-name';
import type { Database } from '@live-feed/database/connection/client';
import { listDialerNames } from '@live-feed/database/directory/dialer-names';
import type { Console } from '../console/people.ts';
import type { Company } from '../system/company.ts';
import type { Queues } from '../system/queues.ts';
import { waitFor } from '../wait-for.ts';

const STATUSES = ['latest', 'active', 'waiting', 'completed', 'failed', 'delayed', 'prioritized', 'paused'];

/** All that somebody who looks at these companies gets to see. @param cookie of who looks */
export async function readConsole(
  console: Console,
  cookie: string,
  queues: Queues,
  database: Database,
  companies: readonly Company[],
): Promise<Buffer> {
  const dialers = await listDialerNames(database);
  const names = new Map(dialers.map((dialer) => [dialer.dialerId, encodeURIComponent(boardName(dialer))]));
  const pages: string[] = [];
  async function read(url: string): Promise<string> {
    const page = await console.inject({ method: 'GET', url, headers: { cookie, accept: 'text/html' } });
    pages.push(JSON.stringify(page.headers), page.body);
    return page.body;
  }

  await waitFor(async () => {
    const shown = await read('/queues/api/queues');
    return companies.every(({ dialerId }) => shown.includes(decodeURIComponent(names.get(dialerId) ?? '?')));
  });
  for (const page of ['/', '/audit', '/people', '/account', '/queues/', '/sign-in']) await read(page);
  for (const company of companies) {
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
