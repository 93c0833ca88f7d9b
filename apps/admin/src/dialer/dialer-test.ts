import { dialerTest, type Explained, explainCheck } from '@live-feed/operations/dialer/dialer-test';
import type { Session } from '../session.ts';
import { hintOf } from '../terminal/hint.ts';
import type { Report } from '../terminal/report.ts';

/** Makes one authenticated request that changes nothing, and reports the result. */
export async function testDialer(session: Session, company: string): Promise<Report> {
  const data = await session.perform(dialerTest, { company });
  return {
    text: `${data.host}, account ${data.accountId}: ${textOf(explainCheck(data, data.signsInWith))}`,
    data,
    failed: data.kind !== 'works',
  };
}

export function textOf({ text, see }: Explained): string {
  return see === undefined ? text : `${text} ${hintOf(see)}`;
}
