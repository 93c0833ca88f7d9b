import type { DialerFamily, SignInOptions } from '@live-feed/dialers/family';
import type { DialerAccount, LeadLoader, UploadLead, UploadRequest } from '@live-feed/dialers/lead-loader';
import { createLeadLoaders, type LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** A dialing system that a family's lead loader is held against, over HTTP. */
export interface DialingSystem {
  readonly account: DialerAccount;
  /** The same account with another token or credential, which is refused. */
  readonly stranger: DialerAccount;
  /** Where its dialers sign in; then access tokens go to its own host only. */
  readonly signIn?: SignInOptions;
  /** From now on every upload, or every search, has this fault. The faults are those of the simulator's scenarios. */
  misbehave(on: 'upload' | 'readBack', fault: object): Promise<unknown>;
  /** Forgets faults, leads and requests. */
  reset(): Promise<unknown>;
  /** The externIds of all leads that it holds. */
  storedIds(): Promise<string[]>;
  /** Without those that sign in. */
  requestCount(): Promise<number>;
  close(): Promise<unknown>;
}

export const OPTIONS = {
  description: 'web',
  dialPriority: 'IMMEDIATE',
  duplicateHandling: 'RETAIN_ALL',
  listState: 'INACTIVE',
  timeZoneOption: 'NPA_NXX',
};

/** An access token does not go there. */
const ELSEWHERE = expect.stringContaining('the base URL is at another one');

export const always = () => true;
export const permitted = async () => true;

export function lead(n: number, more: Partial<UploadLead> = {}): UploadLead {
  return { externId: `lead-${n}`, phone: String(2_125_550_000 + n), fields: {}, ...more };
}

export function uploadOf(...leads: UploadLead[]): UploadRequest {
  return { campaignId: '77', options: OPTIONS, leads };
}

/** Declares the tests that the lead loader of every family has to pass. */
export function keepsTheContract(
  family: DialerFamily,
  start: () => Promise<DialingSystem>,
  authHeaders: Readonly<Record<string, string>> = {},
): void {
  let system: DialingSystem;
  let account: DialerAccount;
  let opened: LeadLoaders[];
  let loader: LeadLoader;
  /** Gives up after half a second, for answers that never come. */
  let hasty: LeadLoader;

  beforeAll(async () => {
    system = await start();
    account = system.account;
  });
  afterAll(() => system?.close());

  beforeEach(async () => {
    const limits = { connectMs: 3_000, uploadMs: 500 };
    const { signIn } = system;
    const options = { authHeaders, ...(signIn && { signIn }) };
    opened = [createLeadLoaders(options), createLeadLoaders({ ...options, limits })];
    [loader, hasty] = opened.map((loaders) => loaders.loaderFor(family)) as [LeadLoader, LeadLoader];
    await system.reset();
  });
  afterEach(() => Promise.all(opened.map((loaders) => loaders.close())));

  const upload = (...leads: UploadLead[]) => loader.upload(account, uploadOf(...leads), always, permitted);

  describe('upload', () => {
    it('says of each lead what became of it', async () => {
      expect(await upload(lead(1), lead(2, { phone: '123' }))).toMatchObject({
        kind: 'answered',
        httpStatus: 200,
        tookSome: true,
        verdicts: [{ kind: 'accepted' }, { kind: 'rejected', response: expect.stringContaining('lead-2') }],
      });
      expect(await system.storedIds()).toEqual(['lead-1']);
    });

    it('answers a refusal of one with status 200 as what it is', async () => {
      expect(await upload(lead(1, { phone: '123' }))).toMatchObject({
        kind: 'answered',
        tookSome: false,
        verdicts: [{ kind: 'rejected' }],
      });
    });

    it('takes 500 leads', async () => {
      const leads = Array.from({ length: 500 }, (_, n) => lead(n));
      const verdicts = leads.map(() => ({ kind: 'accepted' }));
      expect(await upload(...leads)).toMatchObject({ kind: 'answered', verdicts });
    });

    it('is not made once the fence has passed', async () => {
      const result = await loader.upload(account, uploadOf(lead(1)), () => false);
      expect(result).toMatchObject({ kind: 'never_sent' });
      expect(await system.requestCount()).toBe(0);
    });

    it('is refused with another token', async () => {
      const result = await loader.upload(system.stranger, uploadOf(lead(1)), always, permitted);
      expect(result).toMatchObject({ kind: 'token_refused', httpStatus: 401 });
    });

    it.each<[object, object]>([
      [{ status: 403 }, { kind: 'token_refused', httpStatus: 403 }],
      [{ status: 404 }, { kind: 'campaign_unknown', httpStatus: 404 }],
      [{ status: 413 }, { kind: 'refused', httpStatus: 413 }],
      [{ status: 422 }, { kind: 'refused', httpStatus: 422 }],
      [
        { status: 422, body: 'poison' },
        { kind: 'foreign', httpStatus: 422, json: '"poison"' },
      ],
      [
        { status: 403, body: { message: 'Forbidden' } },
        { kind: 'foreign', httpStatus: 403 },
      ],
      [
        { status: 404, body: '404 page not found' },
        { kind: 'foreign', httpStatus: 404 },
      ],
      [
        { status: 429, retryAfter: 9 },
        { kind: 'throttled', retryAfterMs: 9_000 },
      ],
      [{ status: 429 }, { kind: 'throttled' }],
    ])('%j → %j, and nothing is stored', async (fault, expected) => {
      await system.misbehave('upload', { kind: 'status', ...fault });
      const result = await upload(lead(1));
      expect(result).toMatchObject(expected);
      expect('retryAfterMs' in result).toBe('retryAfterMs' in expected);
      expect(await system.storedIds()).toEqual([]);
    });

    describe.each(['beforeStoring', 'afterStoring'])('unknown, whatever it did: %s', (when) => {
      it.each<[object, string]>([
        [{ kind: 'status', status: 500 }, 'HTTP 500'],
        [{ kind: 'status', status: 503 }, 'HTTP 503'],
        [{ kind: 'reset' }, 'connection reset'],
        [{ kind: 'hang' }, 'no answer within 0.5 s'],
        [{ kind: 'malformed', form: 'brokenJson' }, 'HTTP 200 with an unreadable body'],
        [{ kind: 'malformed', form: 'truncated' }, 'answer cut short'],
        [{ kind: 'malformed', form: 'empty' }, 'HTTP 200 with an unreadable body'],
        [{ kind: 'malformed', form: 'html' }, 'HTTP 200 with an unreadable body'],
        [{ kind: 'malformed', form: 'otherShape' }, 'HTTP 200 with an unreadable body'],
      ])('%j', async (fault, reason) => {
        await system.misbehave('upload', { ...fault, when });
        const isPage = 'form' in fault && fault.form === 'html';
        expect(await hasty.upload(account, uploadOf(lead(1)), always, permitted)).toMatchObject({
          kind: isPage ? 'foreign' : 'unknown',
          reason,
        });
        expect(await system.storedIds()).toEqual(when === 'afterStoring' ? ['lead-1'] : []);
      });
    });

    it('is foreign after a redirect, which the token does not follow', async () => {
      await system.misbehave('upload', { kind: 'redirect', location: `${account.baseUrl}/elsewhere` });
      expect(await upload(lead(1))).toMatchObject({ kind: 'foreign', httpStatus: 307 });
      expect(await system.requestCount()).toBe(1);
    });
  });

  describe('read-back', () => {
    const idsOf = async (campaignId: string, externIds: readonly string[]) => {
      const result = await loader.readBack(account, campaignId, externIds, permitted);
      return result.kind === 'found' ? result.externIds : result;
    };

    it('finds what is held, and only that', async () => {
      await upload(lead(1, { callerId: '2125550100' }), lead(2), lead(3));
      expect(await idsOf('77', ['lead-1', 'lead-3', 'lead-9'])).toEqual(['lead-1', 'lead-3']);
    });

    it('finds nothing in another campaign, nor without ids', async () => {
      await upload(lead(1));
      expect(await idsOf('78', ['lead-1'])).toEqual([]);
      expect(await idsOf('77', [])).toEqual([]);
    });

    it('finds every one of many', async () => {
      const leads = Array.from({ length: 1_200 }, (_, n) => lead(n));
      await upload(...leads);
      const ids = leads.map(({ externId }) => externId);
      expect(await idsOf('77', ['absent', ...ids])).toEqual(ids);
    });

    it.each<[object, object]>([
      [
        { kind: 'status', status: 429, retryAfter: 2 },
        { kind: 'throttled', retryAfterMs: 2_000 },
      ],
      [{ kind: 'status', status: 429 }, { kind: 'throttled' }],
      [
        { kind: 'status', status: 401 },
        { kind: 'failed', reason: 'HTTP 401' },
      ],
      [
        { kind: 'status', status: 500 },
        { kind: 'failed', reason: 'HTTP 500' },
      ],
      [{ kind: 'reset' }, { kind: 'failed', reason: 'connection reset' }],
      [{ kind: 'hang' }, { kind: 'failed', reason: 'no answer within 0.5 s' }],
      [
        { kind: 'malformed', form: 'truncated' },
        { kind: 'failed', reason: 'answer cut short' },
      ],
      [
        { kind: 'malformed', form: 'html' },
        { kind: 'failed', reason: 'HTTP 200 with an unreadable body' },
      ],
      [
        { kind: 'malformed', form: 'otherShape' },
        { kind: 'failed', reason: 'HTTP 200 with an unreadable body' },
      ],
    ])('%j → %j, and never "nothing found"', async (fault, expected) => {
      await upload(lead(1));
      await system.misbehave('readBack', fault);
      expect(await hasty.readBack(account, '77', ['lead-1'], permitted)).toEqual(expected);
    });
  });

  describe('check', () => {
    it('asks for a lead that cannot exist, and changes nothing', async () => {
      await upload(lead(1));
      expect(await loader.check(account, '77')).toEqual({ kind: 'works' });
      expect(await system.storedIds()).toEqual(['lead-1']);
    });

    it('says that another token is refused', async () => {
      expect(await loader.check(system.stranger, '77')).toEqual({
        kind: 'token_refused',
        reason: expect.stringContaining('HTTP 401'),
      });
    });

    it.each([
      ['http://127.0.0.1:1/api', 'connection refused'],
      ['http://nobody.invalid/api', expect.stringMatching(/^host name not found|^name resolution failed/)],
      ['no url', 'no usable URL from base URL, account id and campaign id'],
    ])('cannot reach %s', async (baseUrl, reason) => {
      expect(await loader.check({ ...account, baseUrl }, '77')).toEqual({
        kind: 'unreachable',
        reason: system.signIn && URL.canParse(baseUrl) ? ELSEWHERE : reason,
      });
    });

    it('cannot reach what does not speak TLS', async () => {
      const baseUrl = account.baseUrl.replace('http:', 'https:');
      expect(await loader.check({ ...account, baseUrl }, '77')).toEqual({
        kind: 'unreachable',
        reason: system.signIn ? ELSEWHERE : expect.stringMatching(/TLS failed/),
      });
    });

    it.each<[object, object]>([
      [
        { kind: 'status', status: 403 },
        { kind: 'token_refused', reason: 'HTTP 403' },
      ],
      [
        { kind: 'status', status: 404 },
        { kind: 'not_found', reason: 'HTTP 404' },
      ],
      [
        { kind: 'status', status: 429, retryAfter: 9 },
        { kind: 'throttled', retryAfterMs: 9_000 },
      ],
      [{ kind: 'status', status: 429 }, { kind: 'throttled' }],
      [
        { kind: 'status', status: 503 },
        { kind: 'failed', reason: 'HTTP 503' },
      ],
      [{ kind: 'reset' }, { kind: 'failed', reason: 'connection reset' }],
      [{ kind: 'hang' }, { kind: 'failed', reason: 'no answer within 0.5 s' }],
      [
        { kind: 'malformed', form: 'html' },
        { kind: 'failed', reason: 'HTTP 200 with an unreadable body' },
      ],
    ])('%j → %j, and never "works"', async (fault, expected) => {
      await system.misbehave('readBack', fault);
      expect(await hasty.check(account, '77')).toEqual(expected);
    });
  });
}
