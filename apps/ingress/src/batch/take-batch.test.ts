import { PLAIN_LEADS } from '@live-feed/core/directory/dialer-settings';
import { PLAIN_INTAKE } from '@live-feed/core/directory/intake-settings';
import { expect, test } from 'vitest';
import type { Submission, SubmissionTools } from '../submit/submission-tools.ts';
import { takeBatch } from './take-batch.ts';

test('leads are not kept as they were sent: what is in them beside the lead may be megabytes', async () => {
  const leads: unknown[] = Array.from({ length: 25 }, (_, n) => ({ campaignId: n, much: [{}, {}] }));
  const dialer = { leadSettings: PLAIN_LEADS } as Submission['key']['dialer'];
  const key = { dialer, settings: {}, intake: PLAIN_INTAKE } as Submission['key'];
  // Refused before any tool is needed.
  const results = takeBatch({} as SubmissionTools, {
    leads,
    shared: { key, arrivedMsAgo: () => 0, preference: undefined, isDryRun: false },
    take: () => Promise.reject(new Error('No lead is valid.')),
    idempotencyKey: undefined,
    requestId: 'a',
  });
  expect((await Promise.all(results)).map(({ code }) => code)).toEqual(leads.map(() => 'VALIDATION_FAILED'));
  expect(leads.every((lead) => lead === undefined)).toBe(true);
});
