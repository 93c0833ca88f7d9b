import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';

/**
 * Reads an address as proxies write it into `X-Forwarded-For`: with a port, in brackets, with a zone, an IPv4 address inside an IPv6 one.
 *
 * @returns the address alone, in one spelling; undefined if it is not an address, such as `unknown`
 */
export function readAddress(text: string): string | undefined {
  const given = text.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(given)?.[1];
  const withPort = /^([0-9.]+):\d{1,5}$/.exec(given)?.[1];
  const address = (bracketed ?? withPort ?? given).replace(/%.*$/, '');
  // Stricter than the library, which reads `1` and `0x7f.1` as addresses.
  return isIP(address) === 0 ? undefined : ipaddr.process(address).toString();
}

/** With IPv6 a household or a machine has a /64, so each /64 counts as one address. */
export function countedAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const bytes = ipaddr.parse(address).toByteArray();
  return `${ipaddr.fromByteArray(bytes.map((byte, at) => (at < 8 ? byte : 0))).toString()}/64`;
}

const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * Decides from which addresses `X-Forwarded-For` is trusted.
 *
 * @param proxies addresses, networks, or `loopback`, `linklocal`, `uniquelocal`
 * @throws TypeError for anything else: the library alone would read `1`, which elsewhere is a number of proxies, as 0.0.0.1
 */
export function trustOf(proxies: readonly string[]): (address: string) => boolean {
  for (const proxy of proxies) {
    if (!NAMED_NETWORKS.includes(proxy) && isIP(proxy.replace(/\/.*$/s, '')) === 0) {
      throw new TypeError('a trusted proxy must be an address or a network');
    }
  }
  const isTrusted = proxyAddr.compile([...proxies]);
  return (address) => {
    const read = readAddress(address);
    return read !== undefined && isTrusted(read, 0);
  };
}

/** The client's address as trusted proxies report it; the nearest proxy's if they report none. */
export function clientAddress(request: {
  readonly ip: string;
  readonly socket: { readonly remoteAddress?: string | undefined };
}): string {
  return readAddress(request.ip) ?? readAddress(request.socket.remoteAddress ?? '') ?? 'unknown';
}
