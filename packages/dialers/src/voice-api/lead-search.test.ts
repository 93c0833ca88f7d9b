import { describe, expect, it } from 'vitest';
import type { Exchange } from '../http/exchange.ts';
import { searchLeads } from './lead-search.ts';

const LIMITS = { connectMs: 3_000, uploadMs: 10_000 };
const ROWS = 3;

function answer(body: unknown, httpStatus = 200): Exchange {
  return { kind: 'answer', httpStatus, body, json: JSON.stringify(body) };
}

const leads = (...externIds: string[]) => externIds.map((externId) => ({ externId, leadState: 'READY' }));

/** Searches where the pages are these, and the last one again and again. */
async function search(externIds: readonly string[], ...pages: readonly Exchange[]) {
  const asked: number[] = [];
  const result = await searchLeads(externIds, LIMITS, ROWS, async (page) => {
    asked.push(page);
    return pages[Math.min(page, pages.length) - 1] ?? { kind: 'failed', reason: 'no page was prepared' };
  });
  return { result, asked };
}

describe('shapes', () => {
  it.each([
    ['a bare array', leads('a')],
    ['leads', { leads: leads('a'), total: 1 }],
    ['data', { data: leads('a') }],
  ])('%s', async (_case, body) => {
    const { result } = await search(['a'], answer(body));
    expect(result).toEqual({ kind: 'found', externIds: ['a'] });
  });

  it.each([
    ['no JSON', '<html>'],
    ['no body', null],
    ['an unknown member', { rows: [] }],
    ['no array', { leads: {} }],
    ['rows that are no objects', ['a']],
  ])('%s is a failure, and never "nothing found"', async (_case, body) => {
    const { result } = await search(['a'], answer(body));
    expect(result).toEqual({ kind: 'failed', reason: 'HTTP 200 with an unreadable body' });
  });
});

describe('pages', () => {
  it('stops once every id is found', async () => {
    const { result, asked } = await search(['a', 'b'], answer(leads('a')), answer(leads('b')), answer([]));
    expect(result).toMatchObject({
      kind: 'found',
      externIds: ['a', 'b'],
    });
    expect(asked).toEqual([1, 2]);
  });

  it('believes an absence only after a page that brings nothing new', async () => {
    const empty = await search(['a', 'b'], answer(leads('a')), answer([]));
    expect(empty.result).toMatchObject({ kind: 'found', externIds: ['a'] });
    expect(empty.asked).toEqual([1, 2]);
  });

  /** Answers every page with the first two of what it looks in. */
  async function searchWithoutPages(
    held: readonly string[],
    ids: readonly string[],
    { filters = true } = {},
  ) {
    return searchLeads(ids, LIMITS, ROWS, async (_page, wanted) =>
      answer(leads(...held.filter((id) => !filters || wanted.includes(id)).slice(0, 2))),
    );
  }

  it('asks for the others by themselves where the dialing system does not page', async () => {
    const result = await searchWithoutPages(['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c', 'd', 'e', 'absent']);
    expect(result).toMatchObject({
      kind: 'found',
      externIds: ['a', 'b', 'c', 'd', 'e'],
    });
  });

  it('believes no absence where the dialing system finds other leads than it was asked for', async () => {
    const ignored = { kind: 'failed', reason: 'the search finds other leads than it was asked for' };
    expect(await searchWithoutPages(['x', 'y', 'a'], ['a'], { filters: false })).toEqual(ignored);
    expect(await searchWithoutPages(['a', 'x', 'b'], ['a', 'b'], { filters: false })).toEqual(ignored);
  });

  it('is not misled by leads of others, nor by ids that are not strings', async () => {
    const others = answer([...leads('x', 'y'), { externId: 1 }, {}]);
    const { result, asked } = await search(['a'], others, answer(leads('a')));
    expect(result).toMatchObject({ kind: 'found', externIds: ['a'] });
    expect(asked).toEqual([1, 2]);
  });

  it('believes no absence after a full page with none of ours: the dialing system ignored what it was asked for', async () => {
    const full = answer(leads('x', 'y', 'z'));
    const ignored = { kind: 'failed', reason: 'the search finds other leads than it was asked for' };
    expect((await search(['a'], full, answer([]))).result).toEqual(ignored);
    expect((await search(['a'], full, answer(leads('w')), answer([]))).result).toEqual(ignored);
    // What it does find is there.
    expect((await search(['a'], full, answer(leads('w', 'a')))).result).toMatchObject({ externIds: ['a'] });
    expect((await search(['a', 'b'], answer(leads('a', 'x', 'y')), answer([]))).result).toMatchObject({
      kind: 'found',
      externIds: ['a'],
    });
  });

  it('gives up on endless pages instead of believing an absence', async () => {
    const endless = (page: number) => answer(leads(`other-${page}`));
    const result = await searchLeads(['a'], LIMITS, ROWS, async (page) => endless(page));
    expect(result).toEqual({ kind: 'failed', reason: 'more than 20 pages of leads' });
  });
});

it.each<[string, Exchange, object]>([
  ['429', { ...answer(null, 429), retryAfterMs: 5 } as Exchange, { kind: 'throttled', retryAfterMs: 5 }],
  ['429 without Retry-After', answer(null, 429), { kind: 'throttled' }],
  ['401', answer([], 401), { kind: 'failed', reason: 'HTTP 401' }],
  ['500', answer([], 500), { kind: 'failed', reason: 'HTTP 500' }],
  ['302', answer(null, 302), { kind: 'failed', reason: 'HTTP 302, a redirect, not followed' }],
  [
    'a time-out',
    { kind: 'broken', phase: 'written', cause: { by: 'upload_timeout' } },
    { kind: 'failed', reason: 'no answer within 10 s' },
  ],
])('%s on a later page', async (_case, exchange, expected) => {
  const { result } = await search(['a', 'b'], answer(leads('a')), exchange);
  expect(result).toEqual(expected);
});
