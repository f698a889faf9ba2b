/**
 * How refusals from one source are recorded: each for itself up to a limit a minute, the rest of
 * that minute as one counted entry when the minute is over, so that a flood cannot fill the log.
 */
export const RECORDED_PER_MINUTE = 30;

/** Sign-in attempts one source may make in a minute, whoever they are for. */
export const ATTEMPTS_PER_MINUTE = 120;

export type SourceKind = 'blocked' | 'attempt';

/** Groups addresses the way one attacker holds them: IPv4 singly, IPv6 by /64. */
export function sourceKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  const prefix = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${prefix.join(':')}::/64`;
}
