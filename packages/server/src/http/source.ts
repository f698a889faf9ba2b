import { BlockList, isIP } from 'node:net';
import type { DeviceCookie, RequestSource } from '../ceremonies/ports.ts';

/**
 * Tells where a request came from. `X-Forwarded-For` is believed only as far as it was written by
 * proxies named in the settings: the right-most address that is not one of them is the source.
 */
export function addressOf(
  connectionAddress: string,
  forwardedFor: string | null,
  trustedProxies: BlockList,
): string {
  const chain = [...(forwardedFor ?? '').split(',').map((it) => it.trim()), connectionAddress];
  let address = normalize(connectionAddress);
  for (const candidate of chain.reverse()) {
    const hop = normalize(candidate);
    if (isIP(hop) === 0) return address;
    address = hop;
    if (!trustedProxies.check(hop, isIP(hop) === 6 ? 'ipv6' : 'ipv4')) return address;
  }
  return address;
}

/** @throws {TypeError} when an entry is neither an address nor a CIDR range. */
export function proxyList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    if (prefix !== undefined) list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

export function sourceOf(options: {
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string | null;
  readonly device?: DeviceCookie;
}): RequestSource {
  return { ...options, userAgent: (options.userAgent ?? '').slice(0, 300) };
}

/** An IPv4 address in IPv6 clothing, in either spelling, is the IPv4 address. */
function normalize(address: string): string {
  const words = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (words === null) return address.replace(/^::ffff:(?=\d+\.)/i, '');
  const bytes = words.slice(1).flatMap((word) => {
    const value = Number.parseInt(word, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join('.');
}
