import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApiError, type ApiErrorCode } from '../answers/api-error.ts';
import type { LeadAnswer } from '../answers/lead-answer.ts';
import { type Asked, askedIn } from '../body/asked-in.ts';
import { type ReadLead, readLead } from '../body/read-lead.ts';
import type { Submission, SubmissionTools } from '../submit/submission-tools.ts';

export interface Batch {
  /** Not checked yet. Each is removed once it is read: it may be far larger than what is read from it, which has to wait. */
  readonly leads: unknown[];
  readonly shared: Pick<Submission, 'key' | 'arrivedMsAgo' | 'preference' | 'isDryRun'>;
  readonly take: (submission: Submission) => Promise<LeadAnswer>;
  /** Of the whole request. */
  readonly idempotencyKey: string | undefined;
  readonly requestId: string;
}

/** What became of one lead. */
export interface BatchResult {
  readonly status: number;
  /** Null for a success. */
  readonly code: ApiErrorCode | null;
  /** Of a lead that was refused: the words, what was asked for, and the lead that it has left, if any. */
  readonly message?: string;
  readonly asked?: Asked;
  readonly leadId?: string | undefined;
  /** JSON text: `status`, then the body that the lead would have got alone. */
  readonly json: string;
}

/** Leads that are prepared in one turn of the event loop: other requests need it, too. */
const LEADS_PER_TURN = 10;

/** @returns one for each lead, in their order; they never reject */
export function takeBatch(tools: SubmissionTools, batch: Batch): Promise<BatchResult>[] {
  let turn = Promise.resolve();
  return batch.leads.map((_, index) => {
    if (index > 0 && index % LEADS_PER_TURN === 0) turn = turn.then(() => nextTurn());
    return turn.then(() => takeOne(tools, batch, index));
  });
}

async function takeOne(
  tools: SubmissionTools,
  { leads, shared, take, idempotencyKey, requestId }: Batch,
  index: number,
): Promise<BatchResult> {
  let leadId: string | undefined;
  let asked: Asked | undefined;
  const onAsked = (known: Asked) => {
    asked = known;
  };
  try {
    const answer = await take({
      ...shared,
      ...readNext(leads, index, shared.key, onAsked),
      // No header has a line break in it, so no other request has this key.
      idempotencyKey: idempotencyKey === undefined ? undefined : `${idempotencyKey}\n${index}`,
      onLead: (id) => {
        leadId = id;
      },
      onReplay: () => {},
    });
    return { status: answer.status, code: null, json: successJson(answer) };
  } catch (error) {
    const refusal = error instanceof ApiError ? error : faultOf(tools, error, { requestId, leadId });
    const { status, code } = refusal;
    const { message } = refusal;
    const json = withStatus(status, refusal.bodyFor(requestId, shared.isDryRun));
    return { status, code, message, leadId, ...(asked === undefined ? {} : { asked }), json };
  }
}

/** @throws ApiError 400 */
function readNext(
  leads: unknown[],
  index: number,
  key: Submission['key'],
  onAsked: (asked: Asked) => void,
): ReadLead {
  const lead = leads[index];
  leads[index] = undefined;
  try {
    return readLead(lead, key);
  } finally {
    onAsked(askedIn(lead));
  }
}

function faultOf(
  { logger }: SubmissionTools,
  err: unknown,
  context: { readonly requestId: string; readonly leadId: string | undefined },
): ApiError {
  logger.error({ err, ...context }, 'a lead of a batch failed');
  return new ApiError('INTERNAL', context.leadId === undefined ? {} : { leadId: context.leadId }, err);
}

/** What a single lead has in headers: its id, which in a 202 is in the body, too, and of which lead it is a duplicate. */
function successJson({ status, leadId, body, duplicateOf }: LeadAnswer): string {
  const withId =
    status === 202 || leadId === null ? body : `{"leadId":${JSON.stringify(leadId)},${body.slice(1)}`;
  const whole =
    duplicateOf === undefined ? withId : `{"duplicateOf":${JSON.stringify(duplicateOf)},${withId.slice(1)}`;
  return withStatus(status, whole);
}

function withStatus(status: number, body: string): string {
  return `{"status":${status},${body.slice(1)}`;
}
