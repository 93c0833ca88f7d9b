import type { Fault } from '../fault.ts';
import { dialingSystemsDo } from '../system/dialing-system.ts';
import { SIGNS_IN } from '../trial.ts';

type Rule = Readonly<Record<string, unknown>> & { readonly on: string };

/** Present access tokens end: without that nobody would sign in while the fault lasts. */
const EXPIRE: Rule = { on: 'upload', times: 2, fault: { kind: 'expire' } };
const SPENT: Rule = { on: 'refresh', fault: { kind: 'status', status: 401 } };

/** Of the company that signs in with a JWT. The others show that they do not notice. */
export const signInFaults: readonly Fault[] = [
  signIn('expired', 'access tokens expired in mid-flight, three uploads in ten', [
    { ...EXPIRE, times: undefined, probability: 0.3 },
  ]),
  signIn('refused', 'exchange refused', [
    EXPIRE,
    SPENT,
    { on: 'exchange', fault: { kind: 'status', status: 401 } },
  ]),
  signIn('throttled', 'exchange throttled', [
    EXPIRE,
    SPENT,
    { on: 'exchange', fault: { kind: 'status', status: 429, retryAfter: 3 } },
  ]),
  signIn('slow', 'exchange slow, 4 s', [
    EXPIRE,
    SPENT,
    { on: 'exchange', fault: { kind: 'delay', ms: 4_000 } },
  ]),
  signIn('refresh-lost', 'refresh token lost with the answer that had the next one', [
    EXPIRE,
    { on: 'refresh', fault: { kind: 'reset', when: 'afterStoring' } },
  ]),
];

function signIn(name: string, what: string, rules: readonly Rule[]): Fault {
  return {
    name: `sign-in-${name}`,
    what,
    target: 'dialing system',
    async strike({ system, companies }) {
      const campaignId = companies[SIGNS_IN]?.campaignId;
      await dialingSystemsDo(
        system,
        rules.map((rule) => (rule.on === 'upload' ? { ...rule, match: { campaignId } } : rule)),
      );
      return () => dialingSystemsDo(system);
    },
  };
}
