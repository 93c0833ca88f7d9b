import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../crypto/sealing.ts';
import type { WaitingLead } from '../upload/line.ts';
import { createUploadGroups } from '../upload/upload-groups.ts';
import { type DialerLoad, groupName, leadsOf, MOST_GROUPS, splitGroups } from './dialer-load.ts';
import { forecastWait } from './wait-forecast.ts';

const MAXIMUM = 5;
const KEYRING = createKeyring({ current: 'k1', keys: { k1: new Uint8Array(32) } });

function load(differs: Partial<DialerLoad> = {}): DialerLoad {
  return {
    dialerId: 'dialer',
    paused: false,
    heldForMs: 0,
    intervalMs: 1,
    uploadMs: 0,
    maximum: MAXIMUM,
    queued: 0,
    groups: [],
    others: { groups: 0, leads: 0, uploads: 0 },
    ...differs,
  };
}

const uploadsOf = (leads: number) => Math.ceil(leads / MAXIMUM);
const group = (campaignId: string, name: string, leads: number) => ({
  campaignId,
  group: name,
  leads,
  uploads: uploadsOf(leads),
});
const lead = { campaignId: 'A', group: 'a' };

describe('the wait of a lead that comes now', () => {
  it('is one upload where nobody waits', () => {
    expect(forecastWait(load({ intervalMs: 500, uploadMs: 70 }), lead, 0)).toEqual({
      waitMs: 570,
      perLeadMs: 100,
    });
  });

  it('grows with its own group, an upload for every maximum of leads', () => {
    const waits = [4, 5, 9, 10].map((leads) =>
      forecastWait(load({ groups: [group('A', 'a', leads)] }), lead, 0),
    );
    expect(waits.map(({ waitMs }) => waitMs)).toEqual([1, 2, 2, 3]);
  });

  it('counts what was added since', () => {
    expect(forecastWait(load(), lead, 12).waitMs).toBe(3);
  });

  it('begins when the hold ends', () => {
    expect(forecastWait(load({ heldForMs: 30_000 }), lead, 0).waitMs).toBe(30_001);
  });

  it('is short in a campaign of its own, however much waits in another', () => {
    const groups = [group('B', 'b', 10_000)];
    expect(forecastWait(load({ groups }), lead, 0).waitMs).toBe(2);
  });

  it('takes leads that the lane has not looked at for leads like the others', () => {
    const groups = [group('A', 'a', 10), group('B', 'b', 30)];
    // Twice as many of each.
    expect(forecastWait(load({ groups, queued: 40 }), lead, 0)).toEqual(
      forecastWait(load({ groups: [group('A', 'a', 20), group('B', 'b', 60)] }), lead, 0),
    );
    // Where it has looked at nobody, for leads of the same group.
    expect(forecastWait(load({ queued: 10 }), lead, 0).waitMs).toBe(3);
  });
});

describe('as uploads are really made up', () => {
  const waiting = fc.record({
    campaign: fc.integer({ min: 0, max: 3 }),
    description: fc.integer({ min: 0, max: 3 }),
    alone: fc.boolean(),
  });
  const scene = fc.tuple(fc.array(waiting, { maxLength: 120 }), fc.nat(4), waiting);

  it('a lead leaves with the upload that was forecast, or a turn earlier', () => {
    fc.assert(
      fc.property(scene, ([some, served, last]) => {
        const groups = createUploadGroups<WaitingLead>();
        groups.add(some.map((one, at) => waitingLead(at, one)));
        // Turns may be anywhere.
        for (let n = 0; n < served; n += 1) groups.next(MAXIMUM);
        const newcomer = waitingLead(1_000, { ...last, alone: false });
        const told = load(splitGroups(groups.loads(MAXIMUM), KEYRING));
        const forecast = forecastWait(
          told,
          { campaignId: newcomer.campaignId, group: groupName(newcomer.options, KEYRING) },
          0,
        ).waitMs;
        groups.add([newcomer]);
        let uploads = 0;
        for (let left = false; !left; uploads += 1) {
          left = groups.next(MAXIMUM)?.leads.some(({ leadId }) => leadId === newcomer.leadId) ?? true;
        }
        expect(uploads).toBeLessThanOrEqual(forecast);
        // One turn of each campaign, in which each may have several groups, is what the order of turns makes of it.
        expect(uploads).toBeGreaterThanOrEqual(forecast - told.groups.length);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  function waitingLead(
    at: number,
    { campaign, description, alone }: { campaign: number; description: number; alone: boolean },
  ): WaitingLead {
    return {
      leadId: `lead-${String(at).padStart(6, '0')}`,
      campaignId: `campaign ${campaign}`,
      phoneDigest: `phone ${at}`,
      options: { description: `list ${description}` },
      alone,
    };
  }
});

describe('what is told of many groups', () => {
  it('is the largest ones, and the sum of the rest', () => {
    const places = Array.from({ length: MOST_GROUPS + 20 }, (_, n) => ({
      campaignId: 'A',
      key: `group ${n}`,
      leads: n + 1,
      uploads: uploadsOf(n + 1),
    }));
    const told = load({ ...splitGroups(places, KEYRING), queued: 7 });
    expect(told.groups).toHaveLength(MOST_GROUPS);
    expect(told.others).toMatchObject({ groups: 20, leads: (20 * 21) / 2 });
    expect(leadsOf(told)).toBe((120 * 121) / 2 + 7);
  });
});
