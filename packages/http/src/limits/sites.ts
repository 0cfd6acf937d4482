import { type BoundedCounts, createBoundedCounts } from './bounded-counts.ts'

/** What one address may have at most of a bound of its process; a /48 twice that. More would let one client shut all others out. */
const SHARE_OF_ADDRESS = 0.2

/**
 * The /48 of an IPv6 client, as `networkOf` names it by its /64; undefined for IPv4. One subscriber may have a whole /48
 * (RFC 6177), which is 65,536 clients by their /64.
 */
export function siteOf(client: string): string | undefined {
  if (!client.endsWith('::/64')) return undefined
  const [first, second, third] = client.split(':')
  return `${first}:${second}:${third}::/48`
}

export interface AddressBounds {
  /** Of a single address; 0 for none. */
  readonly addressMax: number
  /** Of all addresses together; 0 for none. */
  readonly processMax: number
  /** Of a /48, in bounds of a single address; 0 for none. */
  readonly siteFactor: number
}

/** The bounds that hold: a fifth of the process' own for an address, two fifths for a /48, where less is not configured. */
export function effectiveBounds({ addressMax, processMax, siteFactor }: AddressBounds): {
  address: number
  site: number
} {
  if (addressMax === 0) return { address: 0, site: 0 }
  const most = processMax === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(processMax * SHARE_OF_ADDRESS))
  const address = Math.min(addressMax, most)
  return { address, site: Math.min(address * siteFactor, 2 * most) }
}

/** Counts what each address has open, and each /48, up to their bounds. */
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
