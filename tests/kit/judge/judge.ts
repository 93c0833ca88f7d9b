import { FINAL_STATES } from '@live-feed/core/lead/lead-state';
import type { Asked, Copy, History, Silence } from './history.ts';

/** How a promise can be broken. Each is a column of the fault runs' table. */
export const BREACHES = ['wrong', 'lost', 'doubled', 'late'] as const;

export interface Breach {
  readonly kind: (typeof BREACHES)[number];
  /** For people: which lead, and what is wrong. */
  readonly what: string;
}

/** Returns every broken promise of a history: docs/reliability.md as one function. It knows nothing of loads and faults. */
export function judge(history: History): Breach[] {
  const index = new Index(history);
  return [
    ...history.asked.flatMap((asked) => [
      ...answerBreaches(asked, index),
      ...contentBreaches(asked, index),
      ...patienceBreaches(asked, history),
    ]),
    ...copyBreaches(history, index),
    ...takenBackBreaches(history, index),
    ...suppressedBreaches(history),
    ...keyBreaches(history),
    ...statusBreaches(history, index),
    ...expectationBreaches(history),
    ...history.brokenWindows.map((what) => breach('wrong', `a rate window was broken: ${what}`)),
    ...(history.overusedAnis ?? []).map((what) => breach('wrong', `an ANI was used beyond its cap: ${what}`)),
    ...history.wrongFigures.map((what) => breach('wrong', `the figures are wrong: ${what}`)),
  ];
}

/** Answers that say that the lead is delivered, or will be. */
const PROMISES: ReadonlySet<number | null> = new Set([200, 202, 504]);
/** Answers that say that nothing was taken. */
const NOTHING_TAKEN: ReadonlySet<number | null> = new Set([400, 401, 403, 404, 409, 422, 429, 503]);

/** Says that the lead may have been taken or not. */
const UNKNOWN = 'OUTCOME_UNKNOWN';

/** The history, indexed. */
class Index {
  readonly history: History;
  readonly copies = new Map<string, number>();
  readonly contents = new Map<string, string[]>();
  readonly byPhone = new Map<string, Asked[]>();
  readonly byLead = new Map<string, Asked[]>();

  constructor(history: History) {
    this.history = history;
    for (const { externId, content } of history.copies) {
      this.copies.set(externId, this.copiesOf(externId) + 1);
      if (content !== undefined) append(this.contents, externId, content);
    }
    for (const asked of history.asked) {
      append(this.byPhone, asked.phone, asked);
      if (asked.answer?.leadId) append(this.byLead, asked.answer.leadId, asked);
    }
  }

  copiesOf(leadId: string): number {
    return this.copies.get(leadId) ?? 0;
  }
}

function answerBreaches(asked: Asked, index: Index): Breach[] {
  const { answer } = asked;
  if (answer === undefined) return [breach('late', `${describe(asked)}: never answered`)];
  const { status, leadId } = answer;
  if (status === null) {
    return wasSilent(asked, index.history.silences)
      ? []
      : [breach('late', `${describe(asked)}: no answer from an ingress that ran`)];
  }
  if (NOTHING_TAKEN.has(status)) return []; // a lead that was taken nevertheless is found as an unexplained copy
  if (leadId === null) return [breach('wrong', `${describe(asked)}: no lead id`)];
  const copies = index.copiesOf(leadId);
  const row = index.history.rows.get(leadId);
  switch (status) {
    case 200:
      if (copies === 0) return [breach('lost', `${describe(asked)}: not at the dialing system`)];
      return row?.state === 'ACCEPTED'
        ? []
        : [breach('wrong', `${describe(asked)}: its row says ${row?.state}`)];
    case 502:
      return copies === 0 ? [] : [breach('wrong', `${describe(asked)}: at the dialing system`)];
    case 202:
    case 504:
      if (answer.code === UNKNOWN) return [];
      return promiseBreaches(asked, copies, row?.state, row?.reason ?? null);
    default:
      return [breach('wrong', `${describe(asked)}: a status that no fault explains`)];
  }
}

const final: ReadonlySet<string> = new Set(FINAL_STATES);

/** In the end exactly once, or a recorded final state that a person is index. */
function promiseBreaches(
  asked: Asked,
  copies: number,
  state: string | undefined,
  reason: string | null,
): Breach[] {
  // A parked lead may be at the dialing system: a person has to find out.
  const isParked = state === 'PARKED';
  if (state === undefined || !(isParked || final.has(state)))
    return [breach('lost', `${describe(asked)}: its row says ${state}`)];
  if (reason === null) return [breach('wrong', `${describe(asked)}: ${state}, without a reason`)];
  if (isParked || (state === 'ACCEPTED') === copies > 0) return [];
  return [
    breach(
      copies === 0 ? 'lost' : 'wrong',
      `${describe(asked)}: ${state}, at the dialing system ${copies} times`,
    ),
  ];
}

/** An answer may take a second longer than documented, and the time in which the ingress could not run. */
function patienceBreaches(asked: Asked, { answersWithinMs, silences }: History): Breach[] {
  const { answer, sentAtMs } = asked;
  if (answer === undefined || answer.status === null) return [];
  const tookMs = answer.atMs - sentAtMs;
  const allowedMs = answersWithinMs + 1_000 + silentMs(asked, silences);
  return tookMs <= allowedMs ? [] : [breach('late', `${describe(asked)}: after ${Math.round(tookMs)} ms`)];
}

/** No lead is delivered twice, and none whose callers were told otherwise. */
function copyBreaches({ copies, asked }: History, index: Index): Breach[] {
  const doubled = [...index.copies]
    .filter(([, times]) => times > 1)
    .map(([externId, times]) => breach('doubled', `lead ${externId}: ${times} times at the dialing system`));
  const leadsByPhone = new Map<string, Set<string>>();
  for (const { phone, externId } of copies) {
    const leads = leadsByPhone.get(phone) ?? new Set();
    leadsByPhone.set(phone, leads.add(externId));
  }
  const phones = [...new Set(asked.map(({ phone }) => phone))].flatMap((phone) => {
    const leads = leadsByPhone.get(phone) ?? new Set<string>();
    const requests = index.byPhone.get(phone) ?? [];
    return leads.size > mostLeads(requests)
      ? [breach('doubled', `phone …${phone.slice(-4)}: ${leads.size} leads for ${requests.length} requests`)]
      : [];
  });
  return [...doubled, ...phones, ...copies.flatMap((copy) => unexplained(copy, index))];
}

/** Equal requests are leads of their own if one begins after the other has ended. Other kinds repeat only what was not taken, has a key, or is refused. */
function mostLeads(requests: readonly Asked[]): number {
  switch (requests[0]?.kind) {
    case 'arbitrary':
      return Number.POSITIVE_INFINITY;
    case 'joining':
      return requests.length;
    default:
      return 1;
  }
}

function unexplained({ externId, phone }: Copy, index: Index): Breach[] {
  const requests = index.byPhone.get(phone) ?? [];
  const promised = (index.byLead.get(externId) ?? []).some(({ answer }) =>
    PROMISES.has(answer?.status ?? null),
  );
  const unanswered = requests.some(({ answer }) => answer === undefined || answer.status === null);
  // A 502 is judged by its answer.
  const failed = (index.byLead.get(externId) ?? []).some(({ answer }) => answer?.status === 502);
  if (promised || unanswered || failed) return [];
  const statuses = requests.map(({ answer }) => answer?.status).join(', ') || 'nothing';
  return [breach('wrong', `lead ${externId}: at the dialing system, and its callers were told ${statuses}`)];
}

/** A delivered lead has the content that was asked for. */
function contentBreaches({ wanted, ...asked }: Asked, index: Index): Breach[] {
  const { status, leadId } = asked.answer ?? {};
  if (wanted === undefined || status !== 200 || !leadId) return [];
  return (index.contents.get(leadId) ?? [])
    .filter((content) => content !== wanted)
    .map((content) => breach('wrong', `${describe(asked)}: wanted ${wanted}, delivered ${content}`));
}

function takenBackBreaches({ takenBack }: History, index: Index): Breach[] {
  return [...takenBack]
    .filter((leadId) => index.copiesOf(leadId) > 0)
    .map((leadId) => breach('wrong', `lead ${leadId}: taken back, and at the dialing system`));
}

function suppressedBreaches({ asked, copies }: History): Breach[] {
  const suppressed = new Set(asked.filter(({ kind }) => kind === 'suppressed').map(({ phone }) => phone));
  return copies
    .filter(({ phone }) => suppressed.has(phone))
    .map(({ externId }) =>
      breach('wrong', `lead ${externId}: on the do-not-call list before it came, and sent`),
    );
}

/** All requests with one key are about one lead. A key is free again when its lead has been taken back. */
function keyBreaches({ asked, takenBack }: History): Breach[] {
  const leadsByKey = new Map<string, Set<string>>();
  for (const { key, companyId, answer } of asked) {
    if (key === null || !answer?.leadId || takenBack.has(answer.leadId)) continue;
    if (!PROMISES.has(answer.status) || answer.code === UNKNOWN) continue;
    const id = `${companyId}/${key}`;
    leadsByKey.set(id, (leadsByKey.get(id) ?? new Set()).add(answer.leadId));
  }
  return [...leadsByKey.values()]
    .filter((leads) => leads.size > 1)
    .map((leads) => breach('wrong', `one Idempotency-Key, several leads: ${[...leads].join(', ')}`));
}

/** The status endpoint says what the row does, and that is what was index. */
function statusBreaches({ statuses, rows }: History, index: Index): Breach[] {
  return [...statuses].flatMap(([leadId, state]) => {
    const row = rows.get(leadId)?.state ?? null;
    if (state !== row)
      return [breach('wrong', `lead ${leadId}: its status is ${state}, its row says ${row}`)];
    const contradicted = (index.byLead.get(leadId) ?? []).find(
      ({ answer }) =>
        (answer?.status === 200 && state !== 'ACCEPTED') || (answer?.status === 502 && state === 'ACCEPTED'),
    );
    return contradicted === undefined
      ? []
      : [breach('wrong', `${describe(contradicted)}: its status is ${state}`)];
  });
}

function expectationBreaches({ expectations }: History): Breach[] {
  return expectations.flatMap(({ what, share, asked }) => {
    const statuses = asked.map(({ answer }) => answer?.status ?? 'none');
    const others = statuses.filter((status) => status !== 200 && status !== 502);
    if (others.length <= (1 - share) * asked.length) return [];
    return [breach('wrong', `${what}: of ${asked.length} these were told no outcome: ${others.join(', ')}`)];
  });
}

/** How long the process that was asked could do nothing meanwhile. */
function silentMs({ ingressPid, sentAtMs, answer }: Asked, silences: readonly Silence[]): number {
  const endMs = answer?.atMs ?? sentAtMs;
  return silences
    .filter(({ pid }) => pid === ingressPid)
    .reduce(
      (sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(toMs, endMs) - Math.max(fromMs, sentAtMs)),
      0,
    );
}

/** The death of a process is noticed after its connections have ended. */
const NOTICED_WITHIN_MS = 5_000;

function wasSilent({ ingressPid, sentAtMs, answer }: Asked, silences: readonly Silence[]): boolean {
  const endMs = (answer?.atMs ?? sentAtMs) + NOTICED_WITHIN_MS;
  return silences.some(({ pid, fromMs, toMs }) => pid === ingressPid && fromMs <= endMs && toMs >= sentAtMs);
}

function describe({ kind, phone, answer }: Asked): string {
  const lead = answer?.leadId ?? `of phone …${phone.slice(-4)}`;
  return `${kind} caller, lead ${lead}, told ${answer?.status ?? 'nothing'} ${answer?.code ?? ''}`.trimEnd();
}

function breach(kind: Breach['kind'], what: string): Breach {
  return { kind, what };
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
