import type { Duplex } from 'node:stream'
import { AppError, SITE_FACTOR, type SocketLimits } from '@floodgate/runtime'
import { createBoundedCounts } from '../limits/bounded-counts.ts'
import type { CountLimited } from '../limits/limits.ts'
import { createAddressCounts } from '../limits/sites.ts'

/** A rejected socket may be accepted once others have closed; the buyer polls meanwhile. */
const RETRY_SECONDS = 10

interface Claim {
  readonly address: string
  holder: string | undefined
}

/**
 * Bounds sockets by process, client address and ticket. A claim lasts from the handshake to the end of the connection.
 */
export interface SocketClaims {
  /** Throws `busy` when the process is at its bound, `too-many-sockets` when the address is. */
  claim(socket: Duplex, address: string): void
  /** Throws `too-many-sockets` when the holder of the ticket is at its bound. */
  claimHolder(socket: Duplex, holder: string): void
}

export function createSocketClaims(
  limits: SocketLimits & { readonly ipv6SiteFactor?: number },
  countLimited: CountLimited,
): SocketClaims {
  const claims = new Map<Duplex, Claim>()
  const perAddress = createAddressCounts({
    addressMax: limits.socketsPerAddressMax,
    processMax: limits.socketsMax,
    siteFactor: limits.ipv6SiteFactor ?? SITE_FACTOR,
  })
  const perHolder = createBoundedCounts(limits.socketsPerTicketMax)

  function release(this: Duplex): void {
    const claim = claims.get(this)
    if (claim === undefined) return
    claims.delete(this)
    perAddress.giveBack(claim.address)
    if (claim.holder !== undefined) perHolder.giveBack(claim.holder)
  }

  function tooMany(limit: string, detail: string): AppError {
    countLimited(limit)
    return new AppError('too-many-sockets', { detail, members: { limit }, retryAfterSeconds: RETRY_SECONDS })
  }

  return {
    claim(socket, address) {
      if (limits.socketsMax !== 0 && claims.size >= limits.socketsMax) {
        countLimited('sockets')
        throw new AppError('busy', { members: { limit: 'sockets' }, retryAfterSeconds: RETRY_SECONDS })
      }
      if (!perAddress.take(address))
        throw tooMany('sockets-per-address', 'This address has its maximum number of sockets. Poll, or close one.')
      claims.set(socket, { address, holder: undefined })
      socket.once('close', release)
      // The connection may have closed before the listener was added.
      if (socket.destroyed) release.call(socket)
    },
    claimHolder(socket, holder) {
      const claim = claims.get(socket)
      if (claim === undefined) return // The connection closed during the authentication.
      if (!perHolder.take(holder))
        throw tooMany('sockets-per-ticket', 'This ticket has its maximum number of sockets. Poll, or close one.')
      claim.holder = holder
    },
  }
}
