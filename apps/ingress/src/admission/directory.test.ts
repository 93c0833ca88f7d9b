import { PLAIN_INTAKE } from '@live-feed/core/directory/intake-settings';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { describe, expect, it } from 'vitest';
import { createDirectory, type Lookups } from './directory.ts';

const key: KeyRecord = {
  keyId: 'k',
  companyId: 'c',
  type: 'universal',
  active: true,
  expiresAt: null,
  dialer: null,
  settings: {},
  timeZone: 'UTC',
  duplicates: null,
  intake: PLAIN_INTAKE,
  phoneCheck: null,
};

const settings = { duplicates: null, pause: null };

/** Lookups that count how often each thing is asked for; everything but `unknown` exists. */
function countingLookups(more: Partial<Lookups> = {}) {
  const asked: string[] = [];
  const answer = async <T>(name: string, value: T): Promise<T> => {
    asked.push(name);
    return value;
  };
  const lookups: Lookups = {
    alive: () => true,
    findKey: (digest) => answer(digest, digest === 'unknown' ? null : key),
    findCampaign: (_company, campaign) => answer(campaign, campaign === 'unknown' ? null : settings),
    ...more,
  };
  return { asked, lookups };
}

describe('the directory', () => {
  it('remembers keys and campaigns that there are', async () => {
    const { asked, lookups } = countingLookups();
    const directory = createDirectory(lookups);
    for (let n = 0; n < 3; n += 1) {
      expect(await directory.keyByDigest('a')).toEqual(key);
      expect(await directory.findCampaign('c', '1')).toEqual(settings);
    }
    expect(asked).toEqual(['a', '1']);
  });

  it('never remembers an unknown key', async () => {
    const { asked, lookups } = countingLookups();
    const directory = createDirectory(lookups);
    expect(await directory.keyByDigest('unknown')).toBeNull();
    expect(await directory.keyByDigest('unknown')).toBeNull();
    expect(asked).toEqual(['unknown', 'unknown']);
  });

  it('remembers no more than its limits: floods of campaign ids cannot fill the memory', async () => {
    const { asked, lookups } = countingLookups();
    const directory = createDirectory(lookups, { keys: 2, campaigns: 2 });
    for (const name of ['a', 'b', 'c']) {
      await directory.keyByDigest(name);
      await directory.findCampaign('company', name);
    }
    asked.length = 0;
    for (const name of ['c', 'b', 'a']) {
      await directory.keyByDigest(name);
      await directory.findCampaign('company', name);
    }
    expect(asked).toEqual(['a', 'a']);
  });

  it('asks once for what many want at the same moment', async () => {
    const { asked, lookups } = countingLookups();
    const directory = createDirectory(lookups);
    const answers = await Promise.all(Array.from({ length: 100 }, () => directory.keyByDigest('a')));
    expect(new Set(answers)).toEqual(new Set([key]));
    expect(asked).toEqual(['a']);
  });

  it('keeps companies’ campaigns apart', async () => {
    const directory = createDirectory({
      ...countingLookups().lookups,
      findCampaign: async (companyId) => (companyId === 'one' ? settings : null),
    });
    expect(await directory.findCampaign('one', '7')).toEqual(settings);
    expect(await directory.findCampaign('two', '7')).toBeNull();
  });

  it('reports a fault of the database with its cause, and queries again the next time', async () => {
    const cause = new Error('connection lost');
    let broken = true;
    const directory = createDirectory({
      ...countingLookups().lookups,
      findKey: async () => {
        if (broken) throw cause;
        return key;
      },
    });
    await expect(directory.keyByDigest('a')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', cause });
    broken = false;
    expect(await directory.keyByDigest('a')).toEqual(key);
  });

  it('gives nothing that it remembers while the database is away: no lead could be taken', async () => {
    let alive = true;
    const directory = createDirectory(countingLookups({ alive: () => alive }).lookups);
    await directory.keyByDigest('a');
    await directory.findCampaign('c', '1');
    alive = false;
    const refused = { code: 'DATABASE_UNAVAILABLE' };
    await expect(directory.keyByDigest('a')).rejects.toMatchObject(refused);
    await expect(directory.findCampaign('c', '1')).rejects.toMatchObject(refused);
  });
});
