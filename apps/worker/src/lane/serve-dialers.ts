import type { DialerLoad } from '@live-feed/core/limits/dialer-load';
import type { Upload } from '@live-feed/core/upload/line';
import { openLeadSource } from '@live-feed/queue/jobs/lead-source';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { Redis } from '@live-feed/queue/redis/redis';
import { type Delivered, deliver } from '../delivery/deliver.ts';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import { putBack } from '../delivery/settle-leads.ts';
import { createVerifier } from '../read-back/verifier.ts';
import type { DialerDirectory, ServedDialer } from './dialer-directory.ts';
import { dialerLoad } from './dialer-loads.ts';
import { type Grant, type Lane, type LaneBacklog, type Refusal, runLane } from './lane.ts';
import { type LaneLead, laneLead } from './lane-lead.ts';

/** Opens lanes, and verifies what their uploads left in doubt. */
export interface DialerService {
  /** @throws if the database cannot be asked about a dialer that is not known */
  serve(dialerId: string): Promise<Pick<Lane, 'idleForMs' | 'close'>>;
  /** What waits in the lanes that are open, as the ingresses are told of it. */
  loads(): DialerLoad[];
  /** Resolves once nothing is verified any more. */
  verified(): Promise<void>;
  /** Of a dialer whose lane is open. */
  backlog(dialerId: string): LaneBacklog | undefined;
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
/** Until a worker that can begin nothing more, or that stops, looks again. */
const FULL_PAUSE_MS = 250;
/** Before leads are tried again with which something failed that should not. */
const FAILED_PAUSE_MS = 1_000;
/** Waited for the turn to begin an upload; then the queue is looked at again. */
const LONGEST_TURN_MS = 1_000;
/** Leads that a lane takes ahead of their permits, at most: the largest upload twenty times over. */
const LANE_CAPACITY = 10_000;

/** A dialer that is gone, or of a family that nobody serves, is not served: the lane asks to be given back. */
const nobody: Pick<Lane, 'idleForMs' | 'close'> = {
  idleForMs: () => Number.POSITIVE_INFINITY,
  close: async () => undefined,
};

export function createDialerService(options: DialerServiceOptions): DialerService {
  const { tools, directory, onError } = options;
  const verifier = createVerifier(tools);
  /** By dialer; while one is closed there may be another already. */
  const lanes = new Map<string, Lane>();

  async function serve(dialerId: string): Promise<Pick<Lane, 'idleForMs' | 'close'>> {
    const first = await directory.find(dialerId);
    if (first === undefined) return nobody;
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
      permit: () => tryPermit(dialer()),
      giveBack: async ({ permit, start }) => {
        start.leave();
        await tools.uploadPermits.giveBack(permit);
      },
      slots: () => dialer().record.maxInFlight,
      maximum: () => dialer().record.maxLeadsPerUpload,
      capacity: LANE_CAPACITY,
      read: (taken) => laneLead(tools.keyring, taken),
      upload: (upload, grant) => deliverUpload(dialer, upload, grant, lane),
      onError,
    });
    lanes.set(dialerId, lane);
    return {
      idleForMs: lane.idleForMs,
      async close() {
        if (lanes.get(dialerId) === lane) lanes.delete(dialerId);
        await lane.close();
      },
    };
  }

  async function tryPermit({ record, uploadBucket }: ServedDialer): Promise<Grant | Refusal> {
    if (verifier.underVerification() >= MOST_UNDER_VERIFICATION)
      return { kind: 'wait', waitMs: FULL_PAUSE_MS };
    // Until an upload can begin, leads are better left in the queue, where more of them come together.
    const start = await tools.startGate.enter(record.companyId, LONGEST_TURN_MS, tools.stopping);
    if (start === undefined) return { kind: 'wait', waitMs: tools.stopping.aborted ? FULL_PAUSE_MS : 1 };
    let granted = false;
    try {
      const answer = await tools.uploadPermits.take(dialerAddress(record), uploadBucket);
      if (answer.kind !== 'granted') return answer;
      granted = true;
      return { ...answer, start };
    } finally {
      if (!granted) start.leave();
    }
  }

  function loadOf([dialerId, lane]: [string, Lane]): DialerLoad[] {
    const dialer = directory.known(dialerId);
    if (dialer === undefined) return [];
    const { maxInFlight: slots, maxLeadsPerUpload: maximum } = dialer.record;
    const bounds = { bucket: dialer.uploadBucket, slots, maximum };
    return [dialerLoad(dialerId, lane.backlog(), bounds, tools.keyring)];
  }

  /** Whatever throws, each lead of the upload is finished, put back or verified. */
  async function deliverUpload(
    dialer: () => ServedDialer,
    upload: Upload<LaneLead>,
    grant: Grant,
    lane: Lane,
  ): Promise<void> {
    const served = dialer();
    let delivered: Delivered = { open: [], taken: false };
    try {
      delivered = await deliver(tools, served, upload, grant);
      verify(dialer, served, upload.campaignId, delivered.open, lane);
    } catch (error) {
      onError(error);
      // Of no consequence for those that have been let go already.
      putBack(upload.leads.map((lead) => ({ lead, delayMs: FAILED_PAUSE_MS })));
    } finally {
      grant.start.leave(); // long since, unless it failed before its intent
      upload.answered(delivered.taken);
    }
  }

  /** Leads that are verified hold no slot: a dialing system that is slow to answer must not stop what can go out. */
  function verify(
    dialer: () => ServedDialer,
    { record }: ServedDialer,
    campaignId: string,
    open: Delivered['open'],
    lane: Lane,
  ): void {
    if (open.length === 0) return;
    const unanswered = open.filter(({ doubt }) => !doubt.answered).length;
    tools.metrics.verifications.add(record.id, 'unanswered', unanswered);
    tools.metrics.verifications.add(record.id, 'unattributed', open.length - unanswered);
    verifier.verify(dialer, campaignId, open, (refused) => lane.resend(refused));
  }

  return {
    serve,
    loads: () => [...lanes].flatMap(loadOf),
    verified: verifier.idle,
    backlog: (dialerId) => lanes.get(dialerId)?.backlog(),
    served: () => [...lanes.keys()],
    underVerification: verifier.underVerification,
  };
}
