import { expect, test } from 'vitest';
import { campaignChanges, type KnownCampaign } from './campaign-changes.ts';

const listed = (campaignId: string, name = `Campaign ${campaignId}`) => ({
  ...{ campaignId, name, dialGroup: 'Outbound' },
});
const known = (campaignId: string, more: Partial<KnownCampaign> = {}): KnownCampaign => ({
  ...listed(campaignId),
  ...{ byHand: false, ended: false },
  ...more,
});
const whole = (...campaigns: ReturnType<typeof listed>[]) => ({ campaigns, incomplete: null });

test('new ones are added, others renamed, missing ones end, and those that come back have not ended', () => {
  const before = [known('1'), known('2'), known('3'), known('4', { ended: true })];
  expect(campaignChanges(before, whole(listed('1'), listed('2', 'New'), listed('4'), listed('5')))).toEqual({
    added: [listed('5')],
    renamed: [listed('2', 'New')],
    returned: [listed('4')],
    ended: ['3'],
    notListed: [],
    nothingEndedBecause: null,
  });
});

test('one that was added by hand gets its name, and never ends', () => {
  const before = [known('1', { byHand: true, name: null, dialGroup: null }), known('2', { byHand: true })];
  expect(campaignChanges(before, whole(listed('1')))).toMatchObject({
    ...{ added: [], renamed: [listed('1')], ended: [], notListed: ['2'] },
  });
});

test.each([
  ['an incomplete list', { campaigns: [listed('1')], incomplete: 'page 2: HTTP 500' }, 'page 2: HTTP 500'],
  ['an empty list', whole(), 'the list is empty'],
])('%s ends nothing, and adds what it has', (_case, list, because) => {
  const changes = campaignChanges([known('2'), known('3', { byHand: true })], list);
  expect(changes).toMatchObject({ ended: [], notListed: [], nothingEndedBecause: because });
  expect(changes.added).toEqual(list.campaigns);
});

test('what has ended already does not end again', () => {
  expect(campaignChanges([known('2', { ended: true })], whole(listed('1')))).toMatchObject({
    ...{ ended: [], nothingEndedBecause: null },
  });
});
