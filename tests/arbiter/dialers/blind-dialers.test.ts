import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { misbehave } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** A dialing system that cannot be asked what it holds: after a lost answer nobody can know, and the dialer's setting decides. */

const database = useDatabase();
const redis = useRedis();
let system: System;

function withoutReadBack(loaders: LeadLoaders): LeadLoaders {
  return {
    ...loaders,
    loaderFor: (family) => ({
      ...loaders.loaderFor(family),
      canReadBack: false,
      readBack: () => Promise.reject(new Error('This dialing system cannot be asked.')),
    }),
  };
}

interface Case {
  readonly onUnverifiable: 'park' | 'resend';
  readonly when: 'beforeStoring' | 'afterStoring';
  readonly status: 200 | 504;
  readonly state: 'ACCEPTED' | 'PARKED';
  readonly copies: number;
}

const cases: readonly Case[] = [
  { onUnverifiable: 'park', when: 'beforeStoring', status: 504, state: 'PARKED', copies: 0 },
  { onUnverifiable: 'park', when: 'afterStoring', status: 504, state: 'PARKED', copies: 1 },
  { onUnverifiable: 'resend', when: 'beforeStoring', status: 200, state: 'ACCEPTED', copies: 1 },
  // What the setting says that it may do.
  { onUnverifiable: 'resend', when: 'afterStoring', status: 200, state: 'ACCEPTED', copies: 2 },
];

const companies = new Map<Case, Company>();

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    workers: 0,
    // Time for a second attempt on a busy machine.
    environment: { INGRESS_DEADLINE_MS: '20000', WORKER_LOCK_MS: '1000' },
  });
  const rules = [];
  for (const each of cases) {
    const company = await addCompany(system, { onUnverifiable: each.onUnverifiable });
    companies.set(each, company);
    const match = { campaignId: company.campaignId };
    rules.push({ on: 'upload', match, times: 1, fault: { kind: 'reset', when: each.when } });
  }
  await misbehave(system, { rules });
  await system.addWorker({ changeLoaders: withoutReadBack });
});
afterAll(() => system?.stop());

describe('an answer is lost where nobody can be asked', () => {
  test.concurrent.each(cases)('$onUnverifiable, lost $when: $state', async (each) => {
    const company = companies.get(each);
    if (company === undefined) throw new Error('Every case has a company.');
    const answer = await submit(system, company, 1);
    expect(answer.status).toBe(each.status);
    const leadId = leadIdOf(answer);
    await untilState(system, leadId, each.state);
    expect(await storedLeadIds(system, company)).toEqual(Array.from({ length: each.copies }, () => leadId));
  });
});
