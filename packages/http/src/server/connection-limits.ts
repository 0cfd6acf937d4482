import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { SITE_FACTOR } from '@floodgate/runtime'
import type { CountLimited } from '../limits/limits.ts'
import { createAddressCounts } from '../limits/sites.ts'
import { networkOf } from '../requests/client-address.ts'

/**
 * Reserved for Redis, Postgres, key files, the operations port and everything else that a process opens besides its
 * clients.
 */
const DESCRIPTORS_RESERVED = 256

/** Bounds the connections of a process over all its listening sockets. */
export interface ConnectionLimits {
  /** Counts a connection until it closes; destroys it, without a response, when the bound is reached. */
  admit(socket: Socket): void
  count(): number
}

export function createConnectionLimits(
  limits: {
    readonly connectionsMax: number
    readonly connectionsPerAddressMax: number
    readonly trustedHops: number
    readonly ipv6SiteFactor?: number
  },
  countLimited: CountLimited,
): ConnectionLimits {
  const { connectionsMax, trustedHops, ipv6SiteFactor: siteFactor = SITE_FACTOR } = limits
  const addresses = new Map<Socket, string>()
  const perAddress = createAddressCounts({
    addressMax: trustedHops === 0 ? limits.connectionsPerAddressMax : 0,
    processMax: Number.isFinite(connectionsMax) ? connectionsMax : 0,
    siteFactor,
  })

  function release(this: Socket): void {
    const address = addresses.get(this)
    if (address === undefined) return
    addresses.delete(this)
    perAddress.giveBack(address)
  }
  function reject(socket: Socket, limit: string): void {
    countLimited(limit)
    socket.destroy()
  }
  return {
    admit(socket) {
      if (connectionsMax !== 0 && addresses.size >= connectionsMax) return reject(socket, 'connections')
      const address = networkOf(socket.remoteAddress ?? '')
      if (!perAddress.take(address)) return reject(socket, 'connections-per-address')
      addresses.set(socket, address)
      socket.once('close', release)
    },
    count: () => addresses.size,
  }
}

/**
 * Returns the number of connections that the open-files limit of this process allows; infinite where it cannot be read.
 */
export function effectiveConnectionsMax(): number {
  try {
    const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) - DESCRIPTORS_RESERVED
  } catch {
    return Number.POSITIVE_INFINITY // Not Linux.
  }
}
