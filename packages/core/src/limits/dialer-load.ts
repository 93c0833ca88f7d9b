import { z } from 'zod';
import type { Keyring } from '../crypto/sealing.ts';
import type { Options } from '../lead/lead-request.ts';
import { groupKey } from '../upload/group-key.ts';
import type { LineLoad } from '../upload/upload-groups.ts';

const groupLoadSchema = z.object({
  campaignId: z.string(),
  /** See `groupName`; leads that wait apart from their group have a name of their own. */
  group: z.string(),
  leads: z.number(),
  /** Permits that they need. */
  uploads: z.number(),
});

/** What waits for a dialer, as its lane publishes it to the ingresses a few times a second. */
export const dialerLoadSchema = z.object({
  dialerId: z.string(),
  /** By ops: nothing leaves. */
  paused: z.boolean(),
  /** Until the dialer may upload again, milliseconds; 0 if it may. */
  heldForMs: z.number(),
  /** From one upload to the next while leads wait: what the account is permitted, or the dialing system manages. */
  intervalMs: z.number(),
  /** From an upload's permit until its leads' outcome is known. */
  uploadMs: z.number(),
  /** Leads in an upload, at most. */
  maximum: z.number(),
  /** Leads in the queue that the lane has not looked at yet. */
  queued: z.number(),
  /** The largest ones, at most `MOST_GROUPS`. */
  groups: z.array(groupLoadSchema),
  /** All the rest, as if each were of a campaign of its own. */
  others: z.object({ groups: z.number(), leads: z.number(), uploads: z.number() }),
});

export type DialerLoad = z.infer<typeof dialerLoadSchema>;

/** Which group a lead belongs to. */
export type GroupId = Pick<z.infer<typeof groupLoadSchema>, 'campaignId' | 'group'>;

export const MOST_GROUPS = 100;

/** Makes the name of a group; the same in every process with the same current key. */
export type GroupNamer = Pick<Keyring, 'digest'>;

/**
 * A group within its campaign, by a keyed digest of its options, which may hold what its caller wrote. While the sealing key is being
 * exchanged, ingress and worker may name a group differently: it is then taken for two, and the forecast is longer.
 */
export function groupName(options: Options, namer: GroupNamer): string {
  return nameOf(groupKey(options), namer);
}

/** Splits what waits into the largest groups, one by one, and the sum of the rest. */
export function splitGroups(
  places: readonly LineLoad[],
  namer: GroupNamer,
): Pick<DialerLoad, 'groups' | 'others'> {
  const bySize = places.toSorted((a, b) => b.uploads - a.uploads || b.leads - a.leads);
  const rest = bySize.slice(MOST_GROUPS);
  return {
    groups: bySize.slice(0, MOST_GROUPS).map(({ key, ...load }) => ({ ...load, group: nameOf(key, namer) })),
    others: { groups: rest.length, leads: sum(rest, 'leads'), uploads: sum(rest, 'uploads') },
  };
}

function nameOf(key: string, namer: GroupNamer): string {
  return namer.digest(key).slice(0, 24);
}

/** Leads that wait for the dialer, wherever. */
export function leadsOf({ queued, groups, others }: DialerLoad): number {
  return queued + sum(groups, 'leads') + others.leads;
}

function sum(groups: readonly Pick<LineLoad, 'leads' | 'uploads'>[], of: 'leads' | 'uploads'): number {
  return groups.reduce((total, group) => total + group[of], 0);
}
