import type { ErrandAnswer, LeadProgress } from '@live-feed/core/directory/errand';
import type { TracedLead } from '@live-feed/core/lead/lead-record';
import { createCallerCaps } from '../admission/caller-caps.ts';
import { ApiError } from '../answers/api-error.ts';
import { type InDialerReason, REASONS_IN_WORDS } from '../answers/in-dialer.ts';
import type { ErrandRun, WorkerErrands } from '../errands/worker-errands.ts';

/** What the dialing system says of one lead now, and cancelling it there. Workers ask; this process waits for them, for a while. */
export interface InDialer {
  /** @throws ApiError 429 */
  look(lead: TracedLead): Promise<InDialerBody>;
  /** @throws ApiError unless the dialing system has cancelled the lead */
  cancel(lead: TracedLead): Promise<InDialerBody>;
}

export type InDialerBody =
  | ({ readonly answer: 'found' | 'cancelled' } & LeadProgress)
  | { readonly answer: 'absent' }
  | { readonly answer: 'unavailable'; readonly reason: InDialerReason; readonly message: string };

/** How long a caller waits. A look is one search; a cancellation is two, and an action between them. */
const LOOK_MS = 8_000;
const CANCEL_MS = 15_000;

/** Maximum number of callers that wait at once, in this process and of one company. */
const AT_ONCE = { ofIngress: 50, ofCompany: 4, unknown: () => 0 };

export function createInDialer(errands: WorkerErrands): InDialer {
  const caps = createCallerCaps(AT_ONCE);

  async function ask(kind: 'progress' | 'cancel', lead: TracedLead, waitMs: number): Promise<ErrandRun> {
    const { companyId, id: leadId } = lead;
    const cap = caps.enter(companyId);
    if (cap !== undefined) {
      throw new ApiError('TOO_MANY_DIALER_REQUESTS', {
        about: cap === 'company' ? AT_ONCE.ofCompany : 'busy',
      });
    }
    try {
      return await errands.run({ kind, companyId, leadId }, { waitMs });
    } finally {
      caps.leave(companyId);
    }
  }

  return {
    async look(lead) {
      // Nothing of it was ever sent.
      if (lead.attempt === 0) return { answer: 'absent' };
      const run = await ask('progress', lead, LOOK_MS);
      if (run.kind === 'found') return { answer: 'found', ...run.progress };
      return run.kind === 'absent' ? { answer: 'absent' } : unavailable(reasonOf(run));
    },

    async cancel(lead) {
      const { id: leadId } = lead;
      const run = await ask('cancel', lead, CANCEL_MS);
      switch (run.kind) {
        case 'cancelled':
          return { answer: 'cancelled', ...run.progress };
        case 'too_late':
          throw new ApiError('DIALER_LEAD_ENDED', { leadId, inDialer: { answer: 'found', ...run.progress } });
        case 'absent':
          throw new ApiError('DIALER_LEAD_ABSENT', { leadId, inDialer: { answer: 'absent' } });
        case 'unavailable':
        case 'not_sent':
          throw notCancelled(leadId, reasonOf(run));
        default:
          throw new ApiError('CANCELLATION_UNKNOWN', { leadId });
      }
    },
  };
}

function notCancelled(leadId: string, reason: InDialerReason): ApiError {
  const inDialer = unavailable(reason);
  if (reason === 'CANNOT') return new ApiError('DIALER_CANNOT_CANCEL', { leadId, inDialer });
  return new ApiError('DIALER_NOT_ASKED', { about: REASONS_IN_WORDS[reason], leadId, inDialer });
}

function reasonOf(run: ErrandRun | ErrandAnswer): InDialerReason {
  if (run.kind === 'unavailable') return run.why;
  return run.kind === 'not_sent' ? 'NOT_ASKED' : 'NO_ANSWER';
}

function unavailable(reason: InDialerReason): InDialerBody {
  return { answer: 'unavailable', reason, message: `It is not known: ${REASONS_IN_WORDS[reason]}.` };
}
