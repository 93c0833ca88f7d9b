/** Read-back over `leadSearch`: paging, and reading an answer that RingCentral's documentation types only as `object`. */

import type { NotAuthorised } from '../http/authorise.ts';
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
 * A full page with none of ours is one of a dialing system that ignores our filter: the leads that it holds are more than one page, and move
 * while they are read. What it finds is there all the same; what it does not find is not known.
 *
 * @param rowsPerPage asked for
 * @param fetchPage makes one search for these ids, pages counted from 1; a result where there is nothing to send, or no right to.
 */
export async function searchLeads(
  externIds: readonly string[],
  limits: CallLimits,
  rowsPerPage: number,
  fetchPage: (page: number, externIds: readonly string[]) => Promise<Exchange | NotAuthorised | NotAsked>,
): Promise<ReadBackResult> {
  const wanted = new Set(externIds);
  const found = new Set<string>();
  let missing = externIds;
  let page = 1;
  let previousPage = '';
  let isFiltered = true;
  for (let asked = 0; asked < MOST_PAGES; asked += 1) {
    const answer = await fetchPage(page, missing);
    if (answer.kind === 'failed' || answer.kind === 'throttled') return answer;
    const result = readPage(answer, limits);
    if (result.kind !== 'rows') return result;
    const ours = result.rows.flatMap(({ externId }) =>
      typeof externId === 'string' && wanted.has(externId) ? [externId] : [],
    );
    for (const externId of ours) found.add(externId);
    if (ours.length === 0 && result.rows.length >= rowsPerPage) isFiltered = false;
    if (found.size === wanted.size) return { kind: 'found', externIds: [...found] };
    if (result.rows.length === 0) return isFiltered ? { kind: 'found', externIds: [...found] } : OTHERS;
    const thisPage = JSON.stringify(result.rows);
    if (thisPage === previousPage) {
      const left = missing.filter((externId) => !found.has(externId));
      if (left.length === missing.length) return OTHERS;
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

const OTHERS = { kind: 'failed', reason: 'the search finds other leads than it was asked for' } as const;

/** A search that was not made, or said nothing. */
type NotAsked = Exclude<ReadBackResult, { kind: 'found' }>;

type PageResult = { readonly kind: 'rows'; readonly rows: readonly SearchRow[] } | NotAsked;

function readPage(exchange: Exchange | NotAuthorised, limits: CallLimits): PageResult {
  if (exchange.kind === 'sign_in_refused') return { kind: 'failed', reason: exchange.reason };
  if (exchange.kind === 'not_now') {
    const { reason, retryAfterMs } = exchange;
    return retryAfterMs === undefined ? { kind: 'failed', reason } : { kind: 'throttled', retryAfterMs };
  }
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
