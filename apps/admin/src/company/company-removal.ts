import { companyRemove } from '@live-feed/operations/company/company-removal';
import { companyShow } from '@live-feed/operations/company/company-settings';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { ask } from '../terminal/question.ts';
import { count, type Report } from '../terminal/report.ts';

export async function removeCompany(
  session: Session,
  name: string,
  { yes }: { readonly yes?: true | undefined },
): Promise<Report> {
  const { company } = await session.perform(companyShow, { company: name });
  const confirm = yes ? company.name : await typed(session, company.name);
  const progress = startProgress(session.terminal, 'rows removed');
  try {
    const data = await session.perform(companyRemove, { company: company.id, confirm }, progress.show);
    const { rows, finished } = data;
    const text = finished
      ? `Removed "${company.name}" with ${count(rows, 'row')}. The audit log stays.`
      : `Interrupted after ${count(rows, 'row')}. Run it again to go on.`;
    return { text, data };
  } finally {
    progress.stop();
  }
}

/** @throws UsageError where there is no terminal */
function typed({ terminal }: Session, name: string): Promise<string> {
  const text = `This removes "${name}" for good. Type its name`;
  return ask(terminal, { text, option: '--yes', parse: (answer) => answer });
}
