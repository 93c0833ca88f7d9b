import { leadExport } from '@live-feed/operations/lead/lead-export';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import { writeNewFile } from '../terminal/new-file.ts';
import { count, type Report } from '../terminal/report.ts';

/** Writes the leads that a filter fits as CSV, phones in full. @param file see `writeNewFile` */
export async function exportLeads(
  session: Session,
  input: z.input<typeof leadExport.input>,
  file: string,
): Promise<Report> {
  const { company, content } = await session.perform(leadExport, input);
  let leads = 0;
  async function* counted() {
    let isHead = true;
    for await (const part of content) {
      if (!isHead) leads += part.split('\r\n').length - 1;
      isHead = false;
      yield part;
    }
  }
  await writeNewFile(session.terminal, file, counted());
  return {
    text:
      `Wrote ${count(leads, 'lead')} of "${company.name}". Phones are not masked: keep the file where only those can read it who may, ` +
      'and remove it when it is not needed any more.',
    data: { company, leads },
    isAside: file === '-',
  };
}
