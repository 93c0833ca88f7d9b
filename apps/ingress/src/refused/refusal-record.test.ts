import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { MOST_A_MINUTE, type RefusedRequest } from '@live-feed/database/refused/refused-requests';
import { expect, test } from 'vitest';
import { createRefusalRecord, type NotRecorded } from './refusal-record.ts';

const digests = createKeyedDigests('a secret of at least thirty-two characters');
const NOW = Date.parse('2026-11-30T10:00:00Z');

function recordWith(write: (refused: readonly RefusedRequest[]) => Promise<unknown>) {
  const lost: [NotRecorded, number][] = [];
  let nowMs = NOW;
  const record = createRefusalRecord({
    ...{ write, digests, now: () => nowMs },
    onNotRecorded: (why, count) => lost.push([why, count]),
  });
  const refuse = (companyId: string, more: object = {}) =>
    record.note({
      key: { companyId, keyId: 'key', settings: {} } as unknown as KeyRecord,
      ...{ status: 400, code: 'PHONE_INVALID', message: 'no' },
      ...{ campaignId: undefined, leadPhone: undefined, ...more },
    });
  return { record, refuse, lost, pass: (ms: number) => (nowMs += ms) };
}

test('keeps neither phones nor names, whatever was sent', async () => {
  const written: RefusedRequest[] = [];
  const { record, refuse } = recordWith(async (refused) => written.push(...refused));
  refuse('a', { message: 'call 555-123-4567', campaignId: 'x\u0000y', leadPhone: '(555) 123-4567' });
  refuse('a', { campaignId: { a: 1 }, leadPhone: ['5551234567'] });
  refuse('a', { campaignId: 'jane@example.com \ud800', message: 'no jane@example.com' });
  await record.flush();
  expect(written).toMatchObject([
    { campaignId: 'xy', phoneLast2: '67', phoneDigest: digests.phone('a', '5551234567') },
    { campaignId: null, phoneLast2: null, phoneDigest: null },
    { campaignId: expect.stringMatching(/^[^@\ud800]*$/) },
  ]);
  expect(JSON.stringify(written)).not.toContain('jane@example.com');
  expect(JSON.stringify(written)).not.toMatch(/123-?4567/);
});

test('a flood of one company takes its share of a minute and no other’s', async () => {
  const written: RefusedRequest[] = [];
  const { record, refuse, lost, pass } = recordWith(async (refused) => written.push(...refused));
  for (let n = 0; n < MOST_A_MINUTE + 5; n += 1) refuse('loud');
  refuse('quiet');
  pass(60_000);
  refuse('loud');
  await record.flush();
  expect(written.filter(({ companyId }) => companyId === 'loud')).toHaveLength(MOST_A_MINUTE + 1);
  expect(written.filter(({ companyId }) => companyId === 'quiet')).toHaveLength(1);
  expect(lost).toEqual(Array.from({ length: 5 }, () => ['company_limit', 1]));
});

test('what cannot be held or written is counted, and the next goes on', async () => {
  let isAway = true;
  const written: RefusedRequest[] = [];
  const { record, refuse, lost } = recordWith(async (refused) => {
    if (isAway) throw new Error('away');
    return written.push(...refused);
  });
  for (let n = 0; n < 2_010; n += 1) refuse(`company ${n}`);
  expect(lost).toEqual(Array.from({ length: 10 }, () => ['buffer_full', 1]));
  await expect(record.flush()).rejects.toThrow('away');
  expect(lost.at(-1)).toEqual(['database', 500]);
  isAway = false;
  await record.flush();
  expect(written).toHaveLength(1_500);
});
