import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Which addresses a company's URL may lead to: those of the public Internet. All else is refused: this machine, its network, the metadata
 * services of clouds, in IPv4, in IPv6, and as IPv4 within IPv6.
 */

/** Metadata services that have public addresses: of Azure. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16']);

/** IPv6 has one range for hosts of the public Internet; parts of it that are something else are named by ipaddr.js. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** @param address an IPv4 or IPv6 address */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast' || METADATA.has(parsed.toString())) return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_IPV6);
}

export interface OutboundRules {
  /** Private addresses and HTTP are allowed: for tests and demos. */
  readonly allowPrivate: boolean;
}

/** Why nothing is sent to a URL, a sentence for people; undefined if it may be tried. A name is looked at when it is resolved. */
export function urlProblem(text: string, { allowPrivate }: OutboundRules): string | undefined {
  if (!URL.canParse(text) || text.length > 2_000) return 'This is not a URL of at most 2,000 characters.';
  const { protocol, username, password, hash, hostname } = new URL(text);
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:'))
    return 'The URL must begin with https://.';
  if (username !== '' || password !== '')
    return 'The URL must have no user name or password: put them into a header.';
  if (hash !== '') return 'The URL must have no # part.';
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(literal) !== 0 && !isPublicAddress(literal))
    return 'The URL leads to a private or reserved address.';
  return undefined;
}
