import type { LoadPlan } from './load-plan.ts';

/** Leads like the API documentation's example, as JSON, each with a phone of its own. */
export function leadBodies({ campaignId, firstPhone }: Pick<LoadPlan, 'campaignId' | 'firstPhone'>) {
  const mark = 'PHONE';
  const example = JSON.stringify({
    campaignId,
    lead: {
      leadPhone: mark,
      firstName: 'Jane',
      lastName: 'Doe',
      email: 'jane@example.com',
      zip: '33101',
      city: 'Miami',
      state: 'FL',
      auxData1: 'source=campaign-x',
    },
  });
  const [before, after] = example.split(mark);
  let phone = firstPhone;
  return (): string => `${before}${phone++}${after}`;
}
