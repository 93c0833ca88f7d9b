import { TRANSITIONS, type Transition } from '@live-feed/core/lead/lead-state';
import { Prisma } from '../../generated/client.ts';

/** The states that a transition may leave, for `state IN …`. */
export function statesLeftBy(transition: Transition): Prisma.Sql {
  const states = TRANSITIONS[transition].from.filter((state) => state !== 'none');
  return Prisma.raw(`(${states.map((state) => `'${state}'`).join(', ')})`);
}
