/** Read-back over `leadSearch`: paging, and reading an answer that RingCentral's documentation types only as `object`. */

import type { Exchange } from '../http/exchange.ts';
import { describeBreak, describeStatus, isSuccess } from '../http/exchange-outcome.ts';
import type { CallLimits, ReadBackResult } from '../lead-loader.ts';

/** Bounds one read-back where the dialing system ignores our filter. */
const MOST_PAGES = 20;

type SearchRow = Readonly<Record<string, unknown>>;

/**
 * Reads page after page until every id is found or a page is empty. A page shorter than asked for does not count as the last one: the dialing
 * system may cap `maxRows`, and an absence believed too early sends a lead twice. For the same reason a page that comes again, of a dialing
 * system that does not page, ends nothing: those that were not on it are asked for by themselves.
 *
 * @param fetchPage makes one search for these ids, pages counted from 1; a result where there is nothing to send, or no right to.
 */
export async function searchLeads(
  externIds: readonly string[],
  limits: CallLimits,
  fetchPage: (page: number, externIds: readonly string[]) => Promise<Exchange | NotAsked>,
): Promise<ReadBackResult> {
  const wanted = new Set(externIds);
  const found = new Set<string>();
  let missing = externIds;
  let page = 1;
  let previousPage = '';
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const answer = await fetchPage(page, missing);
    if (answer.kind === 'failed' || answer.kind === 'throttled') return answer;
    const result = readPage(answer, limits);
    if (result.kind !== 'rows') return result;
    for (const { externId } of result.rows) {
      if (typeof externId === 'string' && wanted.has(externId)) found.add(externId);
    }
    if (found.size === wanted.size || result.rows.length === 0) {
      return { kind: 'found', externIds: [...found] };
    }
    const thisPage = JSON.stringify(result.rows);
    if (thisPage === previousPage) {
      const left = missing.filter((externId) => !found.has(externId));
      if (left.length === missing.length)
        return { kind: 'failed', reason: 'the search finds other leads than it was asked for' };
      missing = left;
      page = 1;
      previousPage = '';
    } else {
      page += 1;
      previousPage = thisPage;
    }
  }
  return { kind: 'failed', reason: `more than ${MOST_PAGES} pages of leads` };
}

/** A search that was not made, or said nothing. */
type NotAsked = Exclude<ReadBackResult, { kind: 'found' }>;

type PageResult = { readonly kind: 'rows'; readonly rows: readonly SearchRow[] } | NotAsked;

function readPage(exchange: Exchange, limits: CallLimits): PageResult {
  if (exchange.kind === 'broken') return { kind: 'failed', reason: describeBreak(exchange, limits) };
  const { httpStatus, retryAfterMs, body } = exchange;
  if (httpStatus === 429) {
    return { kind: 'throttled', ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  const found = isSuccess(httpStatus) ? readSearchRows(body) : undefined;
  return found ? { kind: 'rows', rows: found } : { kind: 'failed', reason: describeStatus(httpStatus) };
}

/**
 * The rows of a bare array, of `{leads: […]}` or of `{data: […]}`; undefined for a shape that cannot be read, which is
 * not the same as no leads.
 */
export function readSearchRows(body: unknown): readonly SearchRow[] | undefined {
  const rows = isRecord(body) ? (body['leads'] ?? body['data']) : body;
  return Array.isArray(rows) && rows.every(isRecord) ? rows : undefined;
}

function isRecord(value: unknown): value is SearchRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
