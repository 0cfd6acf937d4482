import type { HostAndPort } from '@floodgate/runtime'
import keySlot from 'cluster-key-slot'

/** Which master serves each slot of a Redis Cluster. */
export interface ClusterMap {
  /** By slot; undefined where no master serves it. */
  readonly owners: readonly (HostAndPort | undefined)[]
  readonly masters: readonly HostAndPort[]
  /** All nodes that may be asked, replicas included. */
  readonly nodes: readonly HostAndPort[]
  /** Equal for equal maps. */
  readonly signature: string
}

export const SLOTS = 16_384

/** Returns the slot of a key: of its hash tag, if it has one. */
export function slotOf(key: string): number {
  return keySlot(key)
}

/** What a node replied to `CLUSTER NODES`. */
export interface ClusterView {
  readonly host: string
  readonly reply: string
}

interface Claim {
  readonly address: HostAndPort
  readonly epoch: number
  readonly isMaster: boolean
  readonly isReachable: boolean
  readonly ranges: readonly (readonly [first: number, last: number])[]
}

/**
 * Merges what several nodes replied to `CLUSTER NODES`. Where they differ about a slot, the master with the newest
 * configuration epoch owns it: a node that was stopped during a failover knows only the one before. Pure.
 */
export function mergeViews(views: readonly ClusterView[]): ClusterMap {
  const claims = views.flatMap(({ host, reply }) => claimsOf(reply, host))
  const owners: (HostAndPort | undefined)[] = new Array(SLOTS).fill(undefined)
  for (const claim of claims.filter(({ isMaster }) => isMaster).toSorted((a, b) => a.epoch - b.epoch))
    for (const [first, last] of claim.ranges) owners.fill(claim.address, first, last + 1)
  const masters = distinct(owners.filter((owner) => owner !== undefined))
  const nodes = distinct(claims.filter(({ isReachable }) => isReachable).map(({ address }) => address))
  return { owners, masters, nodes, signature: signatureOf(owners) }
}

const textOf = ({ host, port }: HostAndPort): string => `${host} ${port}`

function distinct(addresses: readonly HostAndPort[]): HostAndPort[] {
  return [...new Map(addresses.map((address) => [textOf(address), address])).values()]
}

function signatureOf(owners: readonly (HostAndPort | undefined)[]): string {
  const changes = owners.flatMap((owner, slot) => {
    const before = owners[slot - 1]
    if (slot > 0 && owner?.host === before?.host && owner?.port === before?.port) return []
    return [`${slot}=${owner === undefined ? '' : textOf(owner)}`]
  })
  return changes.join()
}

/** Reads the lines of `CLUSTER NODES`. `askedHost`: a node may not know its own address. */
function claimsOf(reply: string, askedHost: string): Claim[] {
  return reply.split('\n').flatMap((line) => {
    const [, endpoint = '', flagText = '', , , , epoch, , ...slots] = line.trim().split(' ')
    const [, host = '', port = ''] = /^(.*):(\d+)(?:@|$)/.exec(endpoint.split(',')[0] ?? '') ?? []
    const flags = flagText.split(',')
    if (port === '' || flags.includes('noaddr') || flags.includes('handshake')) return []
    return [
      {
        address: { host: host === '' ? askedHost : host, port: Number(port) },
        epoch: Number(epoch),
        isMaster: flags.includes('master'),
        isReachable: !flags.includes('fail'),
        ranges: slots.flatMap(rangeOf),
      },
    ]
  })
}

/** A slot that is being moved, `[93->-…]`, is still its owner's. */
function rangeOf(text: string): [number, number][] {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  return first === undefined ? [] : [[Number(first), Number(last ?? first)]]
}
