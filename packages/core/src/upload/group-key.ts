import type { Options } from '../lead/lead-request.ts';

/**
 * Names the group of a lead: leads may share an upload only if the whole request but the leads would be the same.
 *
 * Canonical JSON, not a hash of it: nothing can collide, and a group is told from its key when debugging. `description` counts
 * like every other option, so a description that differs per lead makes every lead a group of its own.
 *
 * @param options complete, as they are sent: an absent option and one that spells out the default are different requests
 */
export function groupKey(options: Options): string {
  return JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
}
