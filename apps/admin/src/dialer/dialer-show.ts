import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { findFamily } from '@live-feed/dialers/families';
import { dialerShow } from '@live-feed/operations/dialer/dialer-show';
import type { ShownDialer } from '@live-feed/operations/dialer/shown-dialer';
import { intakeFacts } from '../intake/map-fields.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { facts, type Report } from '../terminal/report.ts';

type Shown = Awaited<ReturnType<typeof dialerShow.run>>;

/** Shows a dialer's configuration, whether it may send now, and its backlog. */
export async function showDialer(session: Session, company: string): Promise<Report> {
  const data = await session.perform(dialerShow, { company });
  const parts = [
    settingsFacts(data.company, data.dialer),
    intakeFacts(data.intake),
    stateFacts(data),
    syncFacts(data.campaignSync),
  ];
  return { text: parts.join('\n\n'), data };
}

export function settingsFacts(company: CompanyRecord, dialer: ShownDialer): string {
  const windows = dialer.uploadWindows?.map(({ requests, perMs }) => `${requests}/${perMs / 1_000}s`);
  const { forward, map, phoneFormat } = dialer.leadSettings;
  const mapped = Object.entries(map)
    .map(([value, word]) => `${value}=${word}`)
    .sort();
  const defaults = Object.entries(dialer.uploadDefaults).map(([name, value]) => `${name}=${value}`);
  const served = findFamily(dialer.family) === undefined ? ' (not served by the live feed)' : '';
  return facts([
    ['company', company.name],
    ['dialer id', dialer.id],
    ['family', dialer.family + served],
    ['base URL', dialer.baseUrl],
    ['account', dialer.accountId],
    ['signs in with', describeCredential(dialer)],
    ['upload defaults', defaults.join(', ')],
    ['forwarded fields', forward.join(', ')],
    ['mapped options', mapped.join(', ')],
    ['phone format', phoneFormat],
    ['uploads at once', dialer.maxInFlight],
    ['leads per upload', dialer.maxLeadsPerUpload],
    ['rate windows', windows === undefined ? 'as documented' : windows.join(', ') || 'none'],
    ['if unverifiable', dialer.onUnverifiable],
  ]);
}

function describeCredential({ hasToken, hasJwtCredential }: ShownDialer): string {
  if (hasToken) return 'a token';
  if (hasJwtCredential) return 'a JWT credential';
  return `nothing yet: ${hint`dialer set --help`}`;
}

function syncFacts(sync: Shown['campaignSync']): string {
  if (sync === null) return facts([['campaigns read', `by hand: ${hint`campaign sync --help`}`]]);
  return facts([
    ['campaigns read', `every ${sync.everyMs / 60_000} min`],
    ['last read by a worker', sync.syncedAt],
    ['last failure', sync.failure],
    ['next turn', sync.dueAt],
  ]);
}

const WHY_HELD = {
  throttled: 'the dialing system asked to slow down',
  token_refused: 'the dialing system refused the token',
  failing: 'the dialing system kept failing',
  ops: 'by ops',
} as const;

function stateFacts({ standing, queue, leads }: Shown): string {
  const { heldUntil, reason, note, failures } = standing;
  const why = reason === null ? '' : `: ${WHY_HELD[reason]}${note ? ` (${note})` : ''}`;
  return facts([
    ['held', heldUntil === null ? 'no' : `until ${heldUntil.toISOString()}${why}`],
    ['failures in a row', failures],
    ['paused', queue.paused ? `yes: ${hint`dialer release --help`} ends it` : 'no'],
    ['waiting', queue.waiting],
    ['oldest waiting since', queue.oldestWaiting],
    ['delayed', queue.delayed],
    ['with a worker', queue.active],
    ['queued in PostgreSQL', leads.QUEUED ?? 0],
    ['being sent', leads.SENDING ?? 0],
    ['being verified', leads.UNKNOWN ?? 0],
    ['parked', leads.PARKED ?? 0],
  ]);
}
