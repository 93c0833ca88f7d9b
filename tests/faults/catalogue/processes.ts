import { OPEN_STATES } from '@live-feed/core/lead/lead-state';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { simulator } from '../../kit/http/client.ts';
import type { Crew } from '../../kit/system/crew.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { type Fault, type FaultContext, pick } from '../fault.ts';
import type { TestedSystem } from '../system/tested-system.ts';

/** Longer than a worker's locks and its lanes' leases last. */
const LONG_FREEZE_MS = 10_000;

/** Of the leads in a dead worker's hands, so many still get their answer in time. */
const SAVED = 0.99;

export const processFaults: readonly Fault[] = [
  {
    name: 'worker-killed',
    what: 'a worker killed in the middle of an upload',
    target: 'workers',
    lastsMs: 0,
    async strike(context) {
      const replace = await killWorker(context);
      return async () => {
        const held = await replace();
        const wereHeld = () =>
          context
            .asked()
            .filter(({ answer, kind }) => kind !== 'preferring' && held.has(answer?.leadId ?? ''));
        context.expectOutcomes('whose lead was in a dead worker’s hands', SAVED, wereHeld);
        await untilSettled(context.system, held);
      };
    },
  },
  {
    name: 'workers-killed-in-a-row',
    what: 'workers killed before anything has recovered',
    target: 'workers',
    lastsMs: 0,
    relentless: true,
    async strike(context) {
      const replace = await killWorker(context);
      return async () => {
        await replace();
      };
    },
  },
  {
    name: 'worker-frozen',
    what: 'a worker frozen for 10 s',
    target: 'workers',
    lastsMs: LONG_FREEZE_MS,
    async strike({ system: { workers, ...system }, random }) {
      await untilUploading(system);
      const victim = pick(random, workers.awake(), 'worker');
      workers.freeze(victim);
      return async () => workers.thaw(victim);
    },
  },
  ended('ingress-killed', 'an ingress killed', (ingress, { kill }) => kill(ingress)),
  ended('ingress-stopped', 'an ingress stopped in order', (ingress) => ingress.stop()),
  {
    name: 'ingress-frozen',
    what: 'an ingress frozen',
    target: 'ingresses',
    async strike({ system: { ingresses }, random }) {
      const victim = pick(random, ingresses.awake(), 'ingress');
      ingresses.freeze(victim);
      return async () => ingresses.thaw(victim);
    },
  },
];

/** An ingress ends in the middle of an upload; those who had asked the other one are told their outcome. */
function ended(
  name: string,
  what: string,
  end: (ingress: AppProcess, ingresses: Crew) => Promise<unknown>,
): Fault {
  return {
    name,
    what,
    target: 'ingresses',
    lastsMs: 0,
    async strike({ system, random, waiting, expectOutcomes }) {
      const { ingresses } = system;
      const victim = pick(random, ingresses.awake(), 'ingress');
      await untilUploading(system);
      const others = waiting().filter(
        ({ ingressPid, kind }) => ingressPid !== victim.pid && kind === 'waiting',
      );
      await end(victim, ingresses);
      expectOutcomes('who had asked the other ingress', 1, () => others);
      return () => ingresses.fill(2);
    },
  };
}

/** @returns what replaces it, and tells which leads it had sent, or was about to */
async function killWorker({ system, random }: FaultContext): Promise<() => Promise<ReadonlySet<string>>> {
  const { workers } = system;
  await untilUploading(system);
  await workers.kill(pick(random, workers.awake(), 'worker'));
  const underWay = await leadsUnderWay(system);
  return async () => {
    await workers.fill(2);
    // What another worker had under way has been settled by now.
    const stillOpen = await leadsUnderWay(system);
    return new Set([...underWay].filter((id) => stillOpen.has(id)));
  };
}

/** Another fault may keep them open for longer. */
async function untilSettled({ database }: TestedSystem, leadIds: ReadonlySet<string>): Promise<void> {
  const open = { id: { in: [...leadIds] }, state: { in: [...OPEN_STATES] } };
  const isSettled = async () => (await database.lead.count({ where: open })) === 0;
  await waitFor(isSettled, { timeoutMs: 60_000, everyMs: 100 }).catch(() => {});
}

/** In the middle of an upload, if there is one soon: another fault may keep them all away. */
export async function untilUploading(system: Pick<TestedSystem, 'simulatorUrl'>): Promise<void> {
  const isUploading = async () => (await simulator(system, '/stats')).concurrent.upload.now > 0;
  await waitFor(isUploading, { timeoutMs: 5_000, everyMs: 5 }).catch(() => {});
}

/** None that can be told of while another fault keeps PostgreSQL away. */
async function leadsUnderWay({ database }: TestedSystem): Promise<ReadonlySet<string>> {
  const underWay = { state: { in: ['SENDING' as const, 'UNKNOWN' as const] } };
  const rows = await database.lead.findMany({ where: underWay, select: { id: true } }).catch(() => []);
  return new Set(rows.map(({ id }) => id));
}
