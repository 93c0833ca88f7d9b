import { lookup as systemLookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress, type OutboundRules } from './address-guard.ts';

/** All addresses of a host. @throws Error with a code of DNS */
export type Resolve = (hostname: string) => Promise<{ readonly address: string; readonly family: 4 | 6 }[]>;

/** Error code of a name that leads to an address which is not allowed. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

/**
 * Looks at the addresses of every resolution, and connections are made to exactly those: a name that changes its mind in between (DNS
 * rebinding) gains nothing. One private address among public ones refuses all.
 */
export function guardedLookup(rules: OutboundRules, resolve: Resolve = publicResolver()): LookupFunction {
  if (rules.allowPrivate) return systemLookup as LookupFunction;
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(codedError('ENOTFOUND'), []);
        else if (!addresses.every(({ address }) => isPublicAddress(address)))
          callback(codedError(ADDRESS_REFUSED), []);
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

const DNS_TIMEOUT_MS = 2_000;

/**
 * Asks the DNS servers itself. The system's lookup has four threads for a whole process: a company's slow DNS server would stop those of the
 * dialing systems. It would also try search domains and /etc/hosts, which no public name needs.
 */
function publicResolver(): Resolve {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
  return async (hostname) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    if (four.status === 'rejected' && six.status === 'rejected') throw four.reason;
    return [
      ...(four.status === 'fulfilled' ? four.value : []).map((address) => ({ address, family: 4 as const })),
      ...(six.status === 'fulfilled' ? six.value : []).map((address) => ({ address, family: 6 as const })),
    ];
  };
}

function codedError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
