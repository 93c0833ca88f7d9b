/** The direct load: `POST …/accounts/:accountId/campaigns/:campaignId/leadLoader/direct`. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DialingSystem, Mount } from './dialing-system.ts';
import { DialingSystemError } from './error-answer.ts';
import { createGate } from './gate.ts';
import type { StoredUpload } from './lead-store.ts';
import { answerFor, judgeLeads } from './upload-verdicts.ts';
import { type LoadAnswer, type LoadRequest, loadRequestSchema } from './wire.ts';

const PATH = '/v1/admin/accounts/:accountId/campaigns/:campaignId/leadLoader/direct';

interface UploadParams {
  readonly accountId: string;
  readonly campaignId: string;
}

export function registerUploadRoute(app: FastifyInstance, system: DialingSystem, mount: Mount): void {
  app.post<{ Params: UploadParams }>(
    PATH,
    { onRequest: createGate(system, mount, 'upload') },
    async (request) => {
      const upload = parseUpload(request.body);
      return load(system, { family: mount.family, ...request.params }, upload);
    },
  );
}

function parseUpload(body: unknown): LoadRequest {
  const parsed = loadRequestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new DialingSystemError(400, 'invalid.request.exception', z.prettifyError(parsed.error));
}

/** Judges the leads, stores those that are inserted, and gives the answer. */
function load(
  system: DialingSystem,
  campaign: Pick<StoredUpload, 'family' | 'accountId' | 'campaignId'>,
  upload: LoadRequest,
): LoadAnswer {
  const verdicts = judgeLeads(upload, {
    isHeld: (phone) => system.store.holdsSparedPhone(campaign, phone),
    imposed: () => null,
  });
  const { uploadLeads, ...options } = upload;
  const stored = system.store.beginList({ ...campaign, options, loadedAtMs: system.clock() });
  verdicts.forEach((verdict, n) => {
    const lead = uploadLeads[n];
    if (verdict.kind === 'inserted' && lead !== undefined) system.store.add(stored, lead);
  });
  const answer = answerFor(upload, verdicts);
  system.statistics.loaded({
    supplied: answer.leadsSupplied,
    accepted: answer.leadsAccepted,
    inserted: answer.leadsInserted,
  });
  return answer;
}
