import { type BoundedCounts, createBoundedCounts } from './bounded-counts.ts'

/**
 * The largest share of its process' bound for one address; a /48 gets twice that. A larger share would let one client
 * shut out all others.
 */
const SHARE_OF_ADDRESS = 0.2

/**
 * Returns the /48 of an IPv6 client, which `networkOf` names by its /64; undefined for IPv4. One subscriber may have a
 * whole /48 (RFC 6177), which is 65,536 clients by their /64.
 */
export function siteOf(client: string): string | undefined {
  if (!client.endsWith('::/64')) return undefined
  const [first, second, third] = client.split(':')
  return `${first}:${second}:${third}::/48`
}

export interface AddressBounds {
  /** Bound of a single address; 0 for none. */
  readonly addressMax: number
  /** Bound of all addresses together; 0 for none. */
  readonly processMax: number
  /** Bound of a /48, in multiples of a single address's; 0 for none. */
  readonly siteFactor: number
}

/** Computes the effective bounds: at most a fifth of the process' bound for an address, and two fifths for a /48. */
export function effectiveBounds({ addressMax, processMax, siteFactor }: AddressBounds): {
  address: number
  site: number
} {
  if (addressMax === 0) return { address: 0, site: 0 }
  const most = processMax === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(processMax * SHARE_OF_ADDRESS))
  const address = Math.min(addressMax, most)
  return { address, site: Math.min(address * siteFactor, 2 * most) }
}

/** Counts open items of each address and each /48, up to their bounds. */
export function createAddressCounts(bounds: AddressBounds): BoundedCounts {
  const { address, site } = effectiveBounds(bounds)
  const addresses = createBoundedCounts(address)
  const sites = createBoundedCounts(site)
  return {
    take(client) {
      if (!addresses.take(client)) return false
      const wider = siteOf(client)
      if (wider === undefined || sites.take(wider)) return true
      addresses.giveBack(client)
      return false
    },
    giveBack(client) {
      addresses.giveBack(client)
      const wider = siteOf(client)
      if (wider !== undefined) sites.giveBack(wider)
    },
  }
}
