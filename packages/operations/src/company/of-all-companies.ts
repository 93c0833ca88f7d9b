import type { Actor } from '../actor.ts';
import { Refusal } from '../refusal.ts';

/**
 * Names are those of the installation, and a company that is gone is gone for everybody: what reaches one company changes neither.
 *
 * @throws Refusal
 */
export function refuseOfOne({ companyId }: Pick<Actor, 'companyId'>): void {
  if (companyId === null) return;
  throw new Refusal('You reach one company only; who renames or removes one must reach all.', {
    kind: 'forbidden',
  });
}
