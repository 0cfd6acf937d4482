import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import type { Context } from 'hono'

/** Names the client of a request for limits: two requests with the same result come from one client. */
export type ClientAddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string

/** A hop may add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711` (RFC 7239 §6 has the same two forms). */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/
/** The name of a socket without an address: the connection is closed. */
const UNKNOWN = 'unknown'

/**
 * Reads the client's address behind `trustedHops` proxies: counted from the right of `X-Forwarded-For`, because the
 * client itself wrote the entries further left. With 0 hops, fewer entries than hops, or an invalid entry: the
 * connection's address. Calls `noteIgnored` for a request with a proxy's header when no proxy is trusted. IPv4 in IPv6
 * counts as IPv4; IPv6 counts by its /64, the smallest network one subscriber gets.
 */
export function createClientAddressOf(
  { trustedHops }: { readonly trustedHops: number },
  noteIgnored: () => void = () => undefined,
): ClientAddressOf {
  return function clientAddressOf({ headers, socket }) {
    if (trustedHops === 0 && (headers['x-forwarded-for'] ?? headers.forwarded) !== undefined) noteIgnored()
    const forwarded = trustedHops === 0 ? undefined : entryOf(headers['x-forwarded-for'], trustedHops)
    const address = forwarded ?? socket.remoteAddress
    return address === undefined ? UNKNOWN : networkOf(address)
  }
}

/** Returns the client of a request; `unknown` when the app is called without a server, as in tests. */
export function clientOf(c: Context, clientAddressOf: ClientAddressOf | undefined): string {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
  return incoming === undefined || clientAddressOf === undefined ? UNKNOWN : clientAddressOf(incoming)
}

function entryOf(forwardedFor: string | string[] | undefined, hops: number): string | undefined {
  const entry = String(forwardedFor ?? '')
    .split(',')
    .at(-hops)
    ?.trim()
  if (entry === undefined) return undefined
  const [, bracketed, dotted] = WITH_PORT.exec(entry) ?? []
  const address = bracketed ?? dotted ?? entry
  return isIP(address) === 0 ? undefined : address
}

/** Returns the key for limits: an IPv4 address, or the /64 of an IPv6 one. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const groups = groupsOf(address)
  const [sixth = 0, seventh = 0, eighth = 0] = groups.slice(5)
  if (groups.slice(0, 5).every((group) => group === 0) && sixth === 0xffff)
    return [seventh >> 8, seventh & 0xff, eighth >> 8, eighth & 0xff].join('.')
  const prefix = groups.slice(0, 4).map((group) => group.toString(16))
  return `${prefix.join(':')}::/64`
}

/** Returns the eight groups of a valid IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [left = '', right] = address.replace(/%.*$/, '').split('::')
  const before = numbersOf(left)
  if (right === undefined) return before
  const after = numbersOf(right)
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function numbersOf(part: string): readonly number[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => {
    if (!isIPv4(group)) return [Number.parseInt(group, 16)]
    const [first = 0, second = 0, third = 0, fourth = 0] = group.split('.').map(Number)
    return [(first << 8) | second, (third << 8) | fourth]
  })
}
