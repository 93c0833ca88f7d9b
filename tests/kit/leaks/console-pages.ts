import type { buildConsole } from '@live-feed/console/console';
import type { Company } from '../system/company.ts';
import type { Queues } from '../system/queues.ts';
import { waitFor } from '../wait-for.ts';

type Console = Awaited<ReturnType<typeof buildConsole>>;

const STATUSES = ['latest', 'active', 'waiting', 'completed', 'failed', 'delayed', 'prioritized', 'paused'];

/** All that somebody who looks at these companies' queues gets to see. @param authorization of who looks */
export async function readConsole(
  console: Console,
  authorization: string,
  queues: Queues,
  companies: readonly Company[],
): Promise<Buffer> {
  const pages: string[] = [];
  async function read(url: string): Promise<string> {
    const page = await console.inject({ method: 'GET', url, headers: { authorization } });
    pages.push(JSON.stringify(page.headers), page.body);
    return page.body;
  }

  await waitFor(async () => {
    const shown = await read('/api/queues');
    return companies.every(({ dialerId }) => shown.includes(dialerId));
  });
  await read('/');
  for (const company of companies) {
    const { dialerId } = company;
    for (const status of STATUSES)
      await read(`/api/queues?activeQueue=${dialerId}&status=${status}&page=1&jobsPerPage=50`);
    const jobs = await (await queues.of(company)).getJobs();
    for (const { id } of jobs) {
      await read(`/api/queues/${dialerId}/${id}`);
      await read(`/api/queues/${dialerId}/${id}/logs`);
    }
  }
  return Buffer.from(pages.join('\n'));
}
