import type { DialerLoad } from '@live-feed/core/limits/dialer-load';
import type { Upload } from '@live-feed/core/upload/line';
import { openLeadSource } from '@live-feed/queue/jobs/lead-source';
import type { OpenDialer } from '@live-feed/queue/leases/held-leases';
import type { Redis } from '@live-feed/queue/redis/redis';
import { type Delivered, deliver } from '../delivery/deliver.ts';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import { putBack } from '../delivery/settle-leads.ts';
import { type TakenLead, unsealLead } from '../delivery/taken-lead.ts';
import type { DialerDirectory, ServedDialer } from '../dialer/dialer-directory.ts';
import { type Grant, type Refusal, requestGrant, returnGrant } from '../dialer/grant.ts';
import { createVerifier } from '../read-back/verifier.ts';
import { dialerLoad } from './dialer-loads.ts';
import { type Backlog, type Lane, runLane } from './lane.ts';

/** Opens lanes, and verifies the attempts that their uploads left in doubt. */
export interface DialerService {
  /** @throws if the database cannot be asked about a dialer that is not known */
  serve(dialerId: string): Promise<OpenDialer>;
  /** What waits in the open lanes, as it is published to the ingresses. @param also dialers included even if nothing waits for them */
  loads(also: ReadonlySet<string>): DialerLoad[];
  /** Resolves once nothing is under verification. */
  verified(): Promise<void>;
  /** Of a dialer whose lane is open. */
  backlog(dialerId: string): Backlog | undefined;
  /** Dialers whose lanes are open. */
  served(): string[];
  /** Leads whose outcome is being found out. */
  underVerification(): number;
}

export interface DialerServiceOptions {
  readonly tools: DeliveryTools;
  readonly directory: DialerDirectory;
  /** Connected for the role `jobs`. */
  readonly redis: Redis;
  readonly lockMs: number;
  readonly onError: (error: unknown) => void;
}

/** Leads whose outcome is being found out, at most; no more are taken beyond. */
const MOST_UNDER_VERIFICATION = 5_000;
/** Until a worker with too many of them looks again. */
const FULL_PAUSE_MS = 250;
/** Before leads are tried again with which something failed that should not. */
const FAILED_PAUSE_MS = 1_000;
/** Leads that a lane takes ahead of their permits, at most: the largest upload twenty times over. */
const LANE_CAPACITY = 10_000;

/** Of a dialer that was deleted, or whose family is not supported: its lease is given up at once. */
const unserved: OpenDialer = {
  idleForMs: () => Number.POSITIVE_INFINITY,
  wake: () => undefined,
  close: async () => undefined,
};

export function createDialerService(options: DialerServiceOptions): DialerService {
  const { tools, directory, onError } = options;
  const verifier = createVerifier(tools);
  /** By dialer; while one is closed there may be another already. */
  const lanes = new Map<string, Lane>();

  async function serve(dialerId: string): Promise<OpenDialer> {
    const first = await directory.find(dialerId);
    if (first === undefined) return unserved;
    /** As it is configured at the moment of each upload. */
    const dialer = (): ServedDialer => directory.known(dialerId) ?? first;
    const source = await openLeadSource({
      redis: options.redis,
      dialerId,
      lockMs: options.lockMs,
      onError,
    });
    const lane: Lane = runLane({
      source,
      permit: () => permit(dialer()),
      giveBack: (grant) => returnGrant(tools, grant),
      slots: () => dialer().record.maxInFlight,
      maximum: () => dialer().record.maxLeadsPerUpload,
      capacity: LANE_CAPACITY,
      paused: () => directory.pausedCampaigns(dialerId),
      read: (taken) => unsealLead(tools.keyring, dialer().record.leadSettings, taken),
      upload: (upload, grant) => deliverUpload(dialer, upload, grant, lane),
      onError,
    });
    lanes.set(dialerId, lane);
    return {
      idleForMs: lane.idleForMs,
      wake: lane.wake,
      async close() {
        if (lanes.get(dialerId) === lane) lanes.delete(dialerId);
        await lane.close();
      },
    };
  }

  async function permit(dialer: ServedDialer): Promise<Grant | Refusal> {
    const isFull = verifier.underVerification() >= MOST_UNDER_VERIFICATION;
    return isFull ? { kind: 'wait', waitMs: FULL_PAUSE_MS } : requestGrant(tools, dialer);
  }

  function loadsOf(also: ReadonlySet<string>): DialerLoad[] {
    // Of a thousand lanes most are quiet, a few times a second.
    return [...lanes].filter(([dialerId, lane]) => !lane.isQuiet || also.has(dialerId)).flatMap(loadOf);
  }

  function loadOf([dialerId, lane]: [string, Lane]): DialerLoad[] {
    const dialer = directory.known(dialerId);
    if (dialer === undefined) return [];
    const { maxInFlight: slots, maxLeadsPerUpload: maximum } = dialer.record;
    const bounds = { bucket: dialer.uploadBucket, slots, maximum };
    return [dialerLoad(dialerId, lane.backlog(), bounds, tools.keyring)];
  }

  /** Whatever throws, each lead of the upload is finished, returned to the queue or verified. */
  async function deliverUpload(
    dialer: () => ServedDialer,
    upload: Upload<TakenLead>,
    grant: Grant,
    lane: Lane,
  ): Promise<void> {
    const served = dialer();
    let delivered: Delivered = { doubtful: [], accepted: false };
    try {
      delivered = await deliver(tools, served, upload, grant);
      verify(dialer, served, upload.campaignId, delivered.doubtful, lane);
    } catch (error) {
      onError(error);
      // No effect on those that have been finished or returned already.
      putBack(upload.leads.map((lead) => ({ lead, delayMs: FAILED_PAUSE_MS })));
    } finally {
      grant.start.leave(); // long since, unless it failed before its intent
      upload.ended(delivered.accepted);
    }
  }

  /** Leads under verification take no slot: a dialing system that answers slowly must not stop other uploads. */
  function verify(
    dialer: () => ServedDialer,
    { record }: ServedDialer,
    campaignId: string,
    doubtful: Delivered['doubtful'],
    lane: Lane,
  ): void {
    if (doubtful.length === 0) return;
    const unanswered = doubtful.filter(({ doubt }) => !doubt.answered).length;
    tools.metrics.verifications.add(record.id, 'unanswered', unanswered);
    tools.metrics.verifications.add(record.id, 'unattributed', doubtful.length - unanswered);
    verifier.verify(dialer, campaignId, doubtful, (refused) => lane.resend(refused));
  }

  return {
    serve,
    loads: loadsOf,
    verified: verifier.idle,
    backlog: (dialerId) => lanes.get(dialerId)?.backlog(),
    served: () => [...lanes.keys()],
    underVerification: verifier.underVerification,
  };
}
