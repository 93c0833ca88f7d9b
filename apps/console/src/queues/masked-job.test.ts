import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { expect, test } from 'vitest';
import { maskedData, maskedName, maskedProgress, maskedReturnValue } from './masked-job.ts';

const job: LeadJob = {
  v: 1,
  leadId: 'lead-id',
  companyId: 'company-id',
  dialerId: 'dialer-id',
  campaignId: '70123',
  payload: 'v1.k1.sealed-payload',
  phoneDigest: 'phone-digest',
  phoneLast2: '67',
  replyTo: 'lf:completions:reply-to',
  receivedAtMs: Date.UTC(2026, 0, 2),
  deadlineMs: Date.UTC(2026, 0, 3),
  expiresAtMs: Date.UTC(2026, 0, 4),
};

test('shows campaign, ids and times of a lead, and of its phone the last two digits', () => {
  expect(JSON.parse(JSON.stringify(maskedData(job)))).toEqual({
    leadId: 'lead-id',
    companyId: 'company-id',
    dialerId: 'dialer-id',
    campaignId: '70123',
    phone: '********67',
    receivedAt: '2026-01-02T00:00:00.000Z',
    deadline: '2026-01-03T00:00:00.000Z',
    expiresAt: '2026-01-04T00:00:00.000Z',
  });
  expect(maskedName({ data: job })).toBe('campaign 70123 · ********67');
});

test('shows two digits even where a whole phone got into the job', () => {
  expect(maskedName({ data: { ...job, phoneLast2: '5551234567' } })).toBe('campaign 70123 · ********67');
});

test('data of another release are not shown, and do not break the page', () => {
  for (const data of [{ ...job, v: 2, phone: '5551234567' }, 'text', null, undefined]) {
    expect(JSON.stringify(maskedData(data))).toBe(
      '{"hidden":"This release cannot read the data of this job."}',
    );
    expect(maskedName({ data })).toBe('unknown');
  }
});

test('a time out of range does not break the page', () => {
  expect(JSON.stringify(maskedData({ ...job, deadlineMs: 1e300 }))).toContain('"deadline":null');
});

test('shows of return values and progress what workers are known to give', () => {
  expect(maskedReturnValue('ACCEPTED')).toBe('ACCEPTED');
  expect(maskedReturnValue(null)).toBeNull();
  expect(maskedReturnValue('5551234567')).toBe('(hidden)');
  expect(maskedReturnValue({ dialerResponse: 'secret' })).toBe('(hidden)');
  expect(maskedProgress(50)).toBe(50);
  expect(maskedProgress({ dialerResponse: 'secret' })).toBe(0);
});
