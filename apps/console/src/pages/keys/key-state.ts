import type { keyList } from '@live-feed/operations/key/keys';
import { badge, type Mood } from '../../html/badge.ts';
import type { Markup } from '../../html/html.ts';

/** A key as `key.list` has it. */
export type ShownKey = Awaited<ReturnType<typeof keyList.run>>['keys'][number];

const MOODS: Readonly<Record<ShownKey['state'], Mood>> = { active: 'good', expired: 'off', revoked: 'off' };

export function keyState({ state }: Pick<ShownKey, 'state'>): Markup {
  return badge(MOODS[state], state);
}
