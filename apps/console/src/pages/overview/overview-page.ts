import { isId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import { goingOn } from '@live-feed/database/people/sessions';
import { noCompany } from '@live-feed/operations/operation';
import { type Overview, overviewShow } from '@live-feed/operations/overview/overview';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Assets } from '../../assets/assets.ts';
import { html, type Markup, renderPart } from '../../html/html.ts';
import { time } from '../../html/time.ts';
import { createLiveStreams } from '../../live/live-streams.ts';
import { type AccessTable, from, type Person } from '../../sign-in/access.ts';
import type { SessionLimits } from '../../sign-in/sessions.ts';
import { attentionPart } from './attention-part.ts';
import { days, minutesTable, plots, tiles } from './figures-part.ts';
import { addMends } from './mends.ts';
import { campaignsTable, dialersTable } from './tables-part.ts';

export interface OverviewOptions {
  readonly database: Database;
  readonly assets: Assets;
  readonly pages: AccessTable;
  readonly sessionLimits: Pick<SessionLimits, 'idleMs'>;
  /** How often what is shown is read again. */
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/** Each takes a connection; browsers with more of them show what they loaded. */
const MOST_STREAMS = 200;
const MOST_OF_SESSION = 6;

/** Whose alone: a name or an id. */
const pageQuery = z.object({ company: z.string().max(255).optional() });

/** As the page names it. */
const streamQuery = z.object({ company: z.string().refine(isId).optional() });

export function addOverview(app: FastifyInstance, options: OverviewOptions): void {
  const { database, assets, pages, sessionLimits, everyMs, onError } = options;
  const streams = createLiveStreams({
    ...{ everyMs, most: MOST_STREAMS, mostOfSession: MOST_OF_SESSION, onError },
    goOn: (sessionIds) => goingOn(database, sessionIds, sessionLimits),
  });
  // Before connections are closed, which would wait for them.
  app.addHook('preClose', () => streams.close());
  const read = (request: FastifyRequest) => {
    const { company } = pageQuery.parse(request.query);
    return request.perform(overviewShow, company ? { company } : {});
  };

  addMends(app);

  app.get('/', { config: { access: from('viewer') } }, async (request, reply) => {
    const overview = await read(request);
    return reply.page({
      title: 'Overview',
      styles: [assets.href('uplot.css'), assets.href('overview.css')],
      scripts: [assets.href('uplot.js'), assets.href('overview.js')],
      content: content(overview, pages, personOf(request)),
    });
  });

  // An answer to HEAD would have no end: its stream would stay open.
  const withoutHead = { exposeHeadRoute: false, config: { access: from('viewer') } };
  app.get('/overview/stream', withoutHead, async (request, reply) => {
    const person = personOf(request);
    const { sessionId, companyId, role } = person;
    const { company } = streamQuery.parse(request.query);
    // Whoever has the same scope sees what the first of them may see.
    if (companyId !== null && company !== undefined && company !== companyId) throw noCompany(company);
    const viewer = { sessionId, companyId, scope: `${company ?? companyId ?? 'all'} ${role}` };
    const stream = streams.open(viewer, async () => renderPart(live(await read(request), pages, person)));
    if (stream === undefined) return reply.code(204).send();
    return reply.header('content-type', 'text/event-stream').header('x-accel-buffering', 'no').send(stream);
  });
}

function personOf({ signedIn }: FastifyRequest) {
  if (signedIn === null) throw new Error('Nobody is signed in: the route has to ask for a person.');
  return signedIn;
}

function content(overview: Overview, pages: AccessTable, person: Person): Markup {
  const { companyId } = overview;
  const stream = companyId === null ? 'overview/stream' : `overview/stream?company=${companyId}`;
  return html`
    <div hx-sse:connect=${stream} hx-sse:close="ended" hx-target="#overview-top" hx-swap="innerMorph">
      <div id="overview-top">${top(overview, pages, person)}</div>
      ${plots(overview)}
      <div id="overview-tables">${tables(overview)}</div>
    </div>
  `;
}

/** What takes the place of the parts of the page that change. */
function live(overview: Overview, pages: AccessTable, person: Person): Markup {
  return html`
    <div id="overview-top" hx-swap-oob="innerMorph">${top(overview, pages, person)}</div>
    <div id="minutes" hx-swap-oob="innerMorph">${minutesTable(overview)}</div>
    <div id="overview-tables" hx-swap-oob="innerMorph">${tables(overview)}</div>
  `;
}

function top(overview: Overview, pages: AccessTable, person: Person): Markup {
  const { now, timeZone } = overview;
  return html`
    ${attentionPart(overview, pages, person)}
    ${tiles(overview)}
    <p>As of ${time(now, timeZone)}.</p>
    ${days(overview)}
  `;
}

function tables(overview: Overview): Markup {
  return html`${dialersTable(overview)} ${campaignsTable(overview)}`;
}
