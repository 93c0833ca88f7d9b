import { isId } from '@live-feed/core/ids';
import type { TracedLead } from '@live-feed/core/lead/lead-record';
import type { LeadState } from '@live-feed/core/lead/lead-state';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { findAnyLead, searchLeads } from '@live-feed/database/leads/lead-status';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';

/**
 * Finds a lead by its id, or by its phone and company. If the phone has several leads, only those in one of the `states` count.
 *
 * @throws Refusal if there is none, or more than one
 */
export async function theLead(
  session: Session,
  idOrPhone: string,
  companyName: string | undefined,
  states?: readonly LeadState[],
): Promise<TracedLead> {
  const id = isId(idOrPhone.toLowerCase()) ? idOrPhone.toLowerCase() : undefined;
  const lead = await findAnyLead(
    session.database,
    id ?? (await idByPhone(session, idOrPhone, companyName, states)),
  );
  if (lead !== null) return lead;
  throw new Refusal(
    `There is no lead with that id: it was not sent or promised yet, or it was purged. See: ${hint`lead list`}`,
  );
}

/** How many leads of one phone are read at most, newest first. */
const MOST_OF_A_PHONE = 50;

async function idByPhone(
  session: Session,
  text: string,
  companyName: string | undefined,
  states: readonly LeadState[] | undefined,
): Promise<string> {
  const { companyId, phoneDigest } = await byPhone(session, text, companyName);
  const found = await searchLeads(session.database, {
    ...{ companyId, campaigns: undefined, phoneDigest },
    limit: MOST_OF_A_PHONE,
  });
  const matching = states === undefined ? found : found.filter(({ state }) => states.includes(state));
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only.id;
  const such = states === undefined ? '' : ` that is ${states.join(' or ')}`;
  if (only === undefined) throw new Refusal(`The company has no lead with this phone${such}.`);
  throw new Refusal(
    `The company has ${matching.length} leads with this phone${such}; name one by its id:\n${matching.map(({ id, state }) => `  ${id}  ${state}`).join('\n')}`,
  );
}

/** @throws UsageError without a company: a phone has a different digest in each */
export async function byPhone(
  session: Session,
  text: string,
  companyName: string | undefined,
): Promise<{ readonly companyId: string; readonly phoneDigest: string }> {
  const reading = normalisePhone(text);
  if (!reading.ok) throw new UsageError(`This is neither the id of a lead nor a phone. ${reading.reason}`);
  if (companyName === undefined) {
    throw new UsageError('A phone needs its company: name it with --company.');
  }
  const { id: companyId } = await theCompany(session, companyName);
  return { companyId, phoneDigest: session.digests.phone(companyId, reading.phone) };
}
