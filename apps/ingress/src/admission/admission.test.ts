import type { DialerLoad } from '@live-feed/core/limits/dialer-load';
import { describe, expect, it } from 'vitest';
import { type Admission, type Candidate, createAdmission, type Refusal, type Verdict } from './admission.ts';

/** Unix time of a whole second. */
const NOW_MS = 1_800_000_000_000;
const NOW = { nowMs: NOW_MS };
/** Of which a lead may wait for 22. */
const DEADLINE_MS = 25_000;

function admissions(count: number): Admission[] {
  return Array.from({ length: count }, (_, n) =>
    createAdmission({ ingressId: `ingress ${n}`, deadlineMs: DEADLINE_MS, maxBacklog: 1_000 }),
  );
}

/** An upload of one lead each second, of which so many wait. */
function load(leads: number, differs: Partial<DialerLoad> = {}): DialerLoad {
  return {
    dialerId: 'dialer',
    paused: false,
    heldForMs: 0,
    intervalMs: 1_000,
    uploadMs: 0,
    maximum: 1,
    queued: 0,
    groups: [{ campaignId: 'campaign', group: 'group', leads, uploads: leads }],
    others: { groups: 0, leads: 0, uploads: 0 },
    ...differs,
  };
}

function lead(request: string, differs: Partial<Candidate> = {}): Candidate {
  return { dialerId: 'dialer', campaignId: 'campaign', group: 'group', request, waits: true, ...differs };
}

const report = (all: readonly Admission[], ...loads: DialerLoad[]) => {
  for (const admission of all) admission.note({ kind: 'loads', loads });
};
const refused = (why: Refusal['why'], retryAfterS: number | null): Refusal => ({
  kind: 'refused',
  why,
  retryAfterS,
});
const backlog = (retryAfterS: number) => refused('backlog', retryAfterS);
const admitted: Verdict = { kind: 'admitted' };
const unreported: Verdict = { kind: 'unreported' };

describe('a forecast', () => {
  it('is what the lead would be told, however often it is asked for, and counts nothing', () => {
    const [one, other] = admissions(2) as [Admission, Admission];
    report([one, other], load(19));
    for (const request of ['a', 'b', 'c', 'd', 'd', 'e', 'a']) {
      const forecasts = [1, 2, 3].map(() => one.forecast(lead(request), NOW));
      const verdict = one.judge(lead(request), NOW);
      expect(forecasts).toEqual([verdict, verdict, verdict]);
      expect(other.judge(lead(request), NOW)).toEqual(verdict);
    }
  });
});

describe('a lead', () => {
  it('is not judged where nothing is known', () => {
    const [one] = admissions(1);
    expect(one?.judge(lead('a'), NOW)).toEqual(unreported);
  });

  it('is admitted up to what its caller can wait for, those of a moment ago included', () => {
    const [one] = admissions(1);
    report([one as Admission], load(19));
    const verdicts = ['a', 'b', 'c', 'd'].map((request) => one?.judge(lead(request), NOW));
    expect(verdicts).toEqual([admitted, admitted, admitted, backlog(1)]);
  });

  it('is refused while the dialer is paused, or held for longer than its caller can wait', () => {
    const [one] = admissions(1);
    report([one as Admission], load(0, { paused: true }));
    expect(one?.judge(lead('a'), NOW)).toEqual(refused('paused', null));
    report([one as Admission], load(0, { heldForMs: 60_000 }));
    expect(one?.judge(lead('a'), NOW)).toEqual(refused('held', 38));
    report([one as Admission], load(0, { heldForMs: 20_000 }));
    expect(one?.judge(lead('a'), NOW)).toEqual(admitted);
  });

  it('is refused by what has just been read of its dialer, whatever lanes have reported', () => {
    const [one] = admissions(1);
    const judge = (paused: boolean, heldForMs: number, waits = true) =>
      one?.judge(lead('a', { waits }), { ...NOW, stop: { paused, heldForMs } });
    expect(judge(true, 0)).toEqual(refused('paused', null));
    expect(judge(false, 3_600_000)).toEqual(refused('held', 3_578));
    expect(judge(false, 20_000)).toEqual(unreported);
    expect(judge(true, 3_600_000, false)).toEqual(unreported);
    report([one as Admission], load(0, { paused: true, heldForMs: 60_000 }));
    expect(judge(false, 0)).toEqual(admitted);
  });

  it('is left to another ingress by one that stops before it could answer', () => {
    const [one] = admissions(1);
    report([one as Admission], load(10));
    const judge = (answersEndInMs: number, waits = true) =>
      one?.judge(lead('a', { waits }), { ...NOW, answersEndInMs });
    expect(judge(5_000)).toEqual(refused('stopping', 1));
    expect(judge(5_000, false)).toEqual(admitted);
    expect(judge(20_000)).toEqual(admitted);
  });

  it('gets the true time of a backlog, however long', () => {
    const [one] = admissions(1);
    report([one as Admission], load(2_000, { intervalMs: 1_000 }));
    expect(one?.judge(lead('a'), NOW)).toEqual(backlog(1_979));
  });

  it('whose caller does not wait is bound by the cap only', () => {
    const [one] = admissions(1);
    report([one as Admission], load(500, { paused: true }));
    expect(one?.judge(lead('a', { waits: false }), NOW)).toEqual(admitted);
    report([one as Admission], load(1_000));
    expect(one?.judge(lead('b', { waits: false }), NOW)).toEqual(backlog(1));
  });

  it('of another campaign has its own turn', () => {
    const [one] = admissions(1);
    report([one as Admission], load(500));
    expect(one?.judge(lead('a', { campaignId: 'other' }), NOW)).toEqual(admitted);
  });
});

describe('a request that was asked to come back', () => {
  it('gets a later second the more were asked, and the same one again if it comes early', () => {
    const [one] = admissions(1);
    report([one as Admission], load(30));
    const verdicts = ['a', 'b', 'c', 'a'].map((request) => one?.judge(lead(request), NOW));
    expect(verdicts).toEqual([backlog(9), backlog(10), backlog(11), backlog(9)]);
  });

  it('gets in when it was asked to come, at any ingress, and no new request gets its room', () => {
    const [one, other] = admissions(2) as [Admission, Admission];
    report([one, other], load(24));
    expect(one.judge(lead('a'), NOW)).toEqual(backlog(3));
    expect(one.judge(lead('b'), NOW)).toEqual(backlog(4));
    const note = one.toPublish();
    expect(note).toMatchObject({ kind: 'returns', from: 'ingress 0' });
    if (note !== undefined) for (const each of [one, other]) each.note(note);
    expect(one.toPublish()).toBeUndefined();

    report([one, other], load(21));
    expect(other.judge(lead('new'), { nowMs: NOW_MS + 3_000 })).toEqual(backlog(2));
    expect(other.judge(lead('a'), { nowMs: NOW_MS + 3_000 })).toEqual(admitted);
  });

  it('is asked again if there is no room after all', () => {
    const [one] = admissions(1);
    report([one as Admission], load(24));
    expect(one?.judge(lead('a'), NOW)).toEqual(backlog(3));
    report([one as Admission], load(30));
    expect(one?.judge(lead('a'), { nowMs: NOW_MS + 3_000 })).toEqual(backlog(9));
  });

  it('leaves its room to others if it does not come', () => {
    const [one] = admissions(1);
    report([one as Admission], load(24));
    expect(one?.judge(lead('a'), NOW)).toEqual(backlog(3));
    report([one as Admission], load(21));
    expect(one?.judge(lead('b'), { nowMs: NOW_MS + 3_000 })).toEqual(backlog(1));
    expect(one?.judge(lead('c'), { nowMs: NOW_MS + 10_000 })).toEqual(admitted);
  });
});
