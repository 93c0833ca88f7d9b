import { OPEN_STATES } from '@live-feed/core/lead/lead-state';
import type { LeadLoader, UploadResult } from '@live-feed/dialers/lead-loader';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leadIdOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Part } from '../../kit/system/parts.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** Something throws between an intent to send and its outcome, where nothing should. No lead may be left behind for it. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let worker: Part;

type FirstUpload = (loader: LeadLoader, args: Parameters<LeadLoader['upload']>) => Promise<UploadResult>;

interface Case {
  readonly what: string;
  readonly attempts: number;
  /** Of the first upload; all others are as they are. */
  readonly upload?: FirstUpload;
  /** Of the first read-back. */
  readonly readBack?: () => never;
}

const fault = (): never => {
  throw new Error('Nobody expects this.');
};

/** The real upload's answer, with members that nobody expects. */
const answering =
  (members: PropertyDescriptorMap): FirstUpload =>
  async (loader, args) => {
    const result = await loader.upload(...args);
    if (result.kind !== 'answered') throw new Error(`The upload was ${result.kind}.`);
    return Object.defineProperties({ ...result }, members);
  };

const unreadable = answering({ verdicts: { enumerable: true, get: fault } });

const cases: readonly Case[] = [
  { what: 'an answer cannot be read', attempts: 1, upload: unreadable },
  {
    what: 'an answer cannot be written down',
    attempts: 1,
    upload: answering({
      verdicts: { enumerable: true, value: [{ kind: 'accepted', response: Symbol('no text') }] },
    }),
  },
  {
    what: 'the call fails after it was made',
    attempts: 1,
    upload: (loader, args) => loader.upload(...args).then(fault),
  },
  { what: 'the call fails before it was made', attempts: 2, upload: async () => fault() },
  { what: 'the read-back fails, too', attempts: 1, upload: unreadable, readBack: fault },
];

const companies = new Map<Case, Company>();

function failingOnce(loaders: LeadLoaders): LeadLoaders {
  const uploads = new Map([...companies].map(([{ upload }, { campaignId }]) => [campaignId, upload]));
  const readBacks = new Map([...companies].map(([{ readBack }, { campaignId }]) => [campaignId, readBack]));
  return {
    ...loaders,
    loaderFor(family) {
      const loader = loaders.loaderFor(family);
      return {
        ...loader,
        upload(...args) {
          const { campaignId } = args[1];
          const upload = uploads.get(campaignId);
          uploads.delete(campaignId);
          return upload === undefined ? loader.upload(...args) : upload(loader, args);
        },
        async readBack(account, campaignId, ...rest) {
          const readBack = readBacks.get(campaignId);
          readBacks.delete(campaignId);
          return readBack === undefined ? loader.readBack(account, campaignId, ...rest) : readBack();
        },
      };
    },
  };
}

beforeAll(async () => {
  const environment = { INGRESS_DEADLINE_MS: '25000', WORKER_LOCK_MS: '1000' };
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url, workers: 0, environment });
  for (const each of cases) companies.set(each, await addCompany(system));
  worker = await system.addWorker({ changeLoaders: failingOnce });
});
afterAll(() => system?.stop());

describe('whatever throws, a lead is verified, ends once, and its worker can stop', () => {
  test.concurrent.each(cases)('$what', async (each) => {
    const company = companies.get(each);
    if (company === undefined) throw new Error('Every case has a company.');
    const leadId = leadIdOf(await submit(system, company, 1));
    expect((await untilState(system, leadId, 'ACCEPTED')).attempt).toBe(each.attempts);
    expect(await storedLeadIds(system, company)).toEqual([leadId]);
  });

  test('nothing is in hand any more that would keep the worker from stopping', async () => {
    expect(await worker.stop()).toBe(0);
    const open = { state: { in: [...OPEN_STATES] } };
    expect(await system.database.lead.count({ where: open })).toBe(0);
  });
});
