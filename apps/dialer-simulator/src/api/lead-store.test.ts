import { expect, test } from 'vitest';
import { createLeadReader, createLeadStore, type LeadFilter } from './lead-store.ts';
import type { LoadLead } from './wire.ts';

const CAMPAIGN = { family: 'ringcx', accountId: '99', campaignId: '1' } as const;

function storeOf(capacity: number) {
  const store = createLeadStore(capacity);
  return {
    ...store,
    put: (leads: readonly LoadLead[], duplicateHandling = 'RETAIN_ALL', campaign = CAMPAIGN) =>
      store.addList(
        {
          ...campaign,
          options: { dialPriority: 'IMMEDIATE', duplicateHandling, timeZoneOption: 'NPA_NXX' },
          loadedAtMs: 0,
          suppressed: false,
        },
        leads,
        () => true,
      ),
    externIds: (filter: LeadFilter = {}) => [...store.matching(filter)].map((lead) => lead.externId),
  };
}

const lead = (externId: string, leadPhone = '5551234567'): LoadLead => ({ externId, leadPhone });

test('forgets the oldest beyond its capacity, from its indexes too', () => {
  const store = storeOf(2);
  store.put([lead('a'), lead('b'), lead('c')]);
  expect(store.externIds()).toEqual(['b', 'c']);
  expect(store.externIds({ externIds: new Set(['a', 'c']) })).toEqual(['c']);
  expect([store.held(), store.evicted()]).toEqual([2, 1]);
});

test('a forgotten lead no longer stands in the way of its number', () => {
  const store = storeOf(1);
  store.put([lead('a', '5550000001')], 'REMOVE_ALL_EXISTING');
  expect(store.holdsSparedPhone(CAMPAIGN, '5550000001')).toBe(true);
  store.put([lead('b', '5550000002')]);
  expect(store.holdsSparedPhone(CAMPAIGN, '5550000001')).toBe(false);
  expect(store.holdsSparedPhone(CAMPAIGN, '5550000002')).toBe(false);
});

test('tells which externIds were stored more than once, and how often', () => {
  const store = storeOf(10);
  store.put([lead('a'), lead('b')]);
  store.put([lead('a')]);
  store.put([lead('a')]);
  expect(store.duplicates()).toEqual({ total: 2, times: { a: 3 } });
  expect(store.externIds({ externIds: new Set(['a']) })).toEqual(['a', 'a', 'a']);
});

test('gives leads back as they were sent', () => {
  const store = storeOf(10);
  const sent = [lead('a'), { ...lead('b'), city: 'Málaga' }];
  store.put(sent);
  expect([...store.matching({})].map(createLeadReader())).toEqual(sent);
});

test('forgets everything when cleared', () => {
  const store = storeOf(1);
  store.put([lead('a'), lead('a')], 'REMOVE_ALL_EXISTING');
  store.clear();
  expect([store.held(), store.evicted(), store.duplicates().total]).toEqual([0, 0, 0]);
  expect(store.holdsSparedPhone(CAMPAIGN, '5551234567')).toBe(false);
  store.put([lead('b')]);
  expect(store.externIds()).toEqual(['b']);
});
