import { misbehave } from '../../kit/http/client.ts';
import type { TestedSystem } from './tested-system.ts';

type Rule = Readonly<Record<string, unknown>>;

/** Long enough for most faults to strike in the middle of an upload; and some leads are refused, which callers are told with 502. */
const USUAL_RULES: readonly Rule[] = [
  { on: 'upload', fault: { kind: 'delay', ms: 150, jitterMs: 200 } },
  { on: 'upload', probability: 0.03, fault: { kind: 'reject', message: 'Do not call' } },
];

/** How the dialing systems behave from now on: as usual, but for these rules. */
export async function dialingSystemsDo(
  system: Pick<TestedSystem, 'simulatorUrl'>,
  rules: readonly Rule[] = [],
): Promise<void> {
  await misbehave(system, { enforceLimits: true, rules: [...rules, ...USUAL_RULES] });
}
