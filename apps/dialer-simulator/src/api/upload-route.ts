/** The direct load: `POST …/accounts/:accountId/campaigns/:campaignId/leadLoader/direct`. */
import type { FastifyInstance } from 'fastify';
import type { FaultPlan } from '../faults/fault-plan.ts';
import { answerWithFault, takesEffect } from '../faults/faulty-answer.ts';
import { createGate, expireToken } from '../faults/gate.ts';
import type { Occasion } from '../faults/rule-match.ts';
import type { DialingSystem, Mount } from './dialing-system.ts';
import { phoneOf } from './lead-validation.ts';
import { parseRequest } from './parse-request.ts';
import { answerFor, imposedVerdict, judgeLeads } from './upload-verdicts.ts';
import {
  type LoadAnswer,
  type LoadLead,
  type LoadRequest,
  loadRequestSchema,
  strictLoadRequestSchema,
} from './wire.ts';

const PATH = '/v1/admin/accounts/:accountId/campaigns/:campaignId/leadLoader/direct';

interface Campaign {
  readonly family: Mount['family'];
  readonly accountId: string;
  readonly campaignId: string;
}

export function registerUploadRoute(app: FastifyInstance, system: DialingSystem, mount: Mount): void {
  app.post<{ Params: Omit<Campaign, 'family'> }>(
    PATH,
    { onRequest: createGate(system, mount, 'upload') },
    async (request, reply) => {
      const { scenario, faults } = system.behaviour();
      const upload = parseRequest(
        scenario.strictOptions ? strictLoadRequestSchema : loadRequestSchema,
        request.body,
      );
      const campaign: Campaign = { family: mount.family, ...request.params };
      const planned = faults.plan('upload', () => occasionOf(campaign, upload));
      const plan = expireToken(system, mount, request.headers, planned);

      if (plan.delayMs > 0 && !(await system.pause(plan.delayMs))) {
        return answerWithFault(reply, { kind: 'reset' }, null, system.clock());
      }
      const answer = load(system, campaign, upload, plan);
      if (plan.answer === null) return answer;
      return answerWithFault(reply, plan.answer, answer, system.clock());
    },
  );
}

function occasionOf(campaign: Campaign, upload: LoadRequest): Occasion {
  return {
    family: campaign.family,
    accountId: campaign.accountId,
    campaignIds: [campaign.campaignId],
    leads: upload.uploadLeads.map(matched),
  };
}

/** What a rule can match of a lead. */
function matched(lead: LoadLead) {
  return { externId: lead.externId, phone: phoneOf(lead) };
}

/** Judges the leads, stores the inserted ones unless a fault prevents it, and returns the normal response. */
function load(system: DialingSystem, campaign: Campaign, upload: LoadRequest, plan: FaultPlan): LoadAnswer {
  const verdicts = judgeLeads(upload, {
    isHeld: (phone) => system.store.holdsSparedPhone(campaign, phone),
    imposed: (lead) => imposedVerdict(plan.ofLead(matched(lead)), lead),
  });
  const answer = answerFor(upload, verdicts);
  if (!takesEffect(plan.answer)) return answer;

  const { uploadLeads, ...options } = upload;
  const { suppressesLeads: suppressed } = system.behaviour().scenario;
  const list = { ...campaign, options, loadedAtMs: system.clock(), suppressed };
  system.store.addList(list, uploadLeads, (n) => verdicts[n]?.kind === 'inserted');
  system.statistics.loaded({
    supplied: answer.leadsSupplied,
    accepted: answer.leadsAccepted,
    inserted: answer.leadsInserted,
  });
  return answer;
}
