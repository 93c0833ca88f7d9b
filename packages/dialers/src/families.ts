import { newbridge } from './families/newbridge/newbridge.ts';
import { ringcx } from './families/ringcx/ringcx.ts';
import type { DialerFamily } from './family.ts';

/** The families of dialing systems that Live Feed serves. */
export const FAMILIES: readonly DialerFamily[] = [ringcx, newbridge];

/** @returns undefined for a family that is not served */
export function findFamily(name: string): DialerFamily | undefined {
  return FAMILIES.find((family) => family.name === name);
}
