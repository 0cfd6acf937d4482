import { setTimeout as delay } from 'node:timers/promises'
import { type ClusterRedis, freeze, type SentinelRedis } from '@floodgate/testkit'
import type { Fault } from '../kills/faults.ts'
import type { TwoSales } from './survive-beside.ts'

/** Acknowledged writes of this time are on the primary alone when it dies. */
const LOST_MS = 1_200
/** Names to choose from: enough for each master. */
const SALES = 1_000

/** Ends the primary with SIGKILL; it comes back on its old data and becomes a replica. */
export function primaryDies(group: SentinelRedis): Fault {
  return {
    name: 'the primary of Redis dies (SIGKILL)',
    async inject() {
      const old = await group.primary()
      await old.kill()
      async function replace(): Promise<void> {
        await group.promoted(old)
        await old.restart()
        await group.replicated()
      }
      return { recovered: replace() }
    },
  }
}

/** Stops the primary with SIGSTOP until another one has replaced it: it wakes as one that believes it still is the primary. */
export function primaryFallsMute(group: SentinelRedis): Fault {
  return {
    name: 'the primary of Redis falls mute (SIGSTOP)',
    async inject() {
      const old = await group.primary()
      const thaw = await freeze(old.pid)
      async function replace(): Promise<void> {
        await group.promoted(old).finally(thaw)
        await group.replicated()
      }
      return { recovered: replace() }
    },
  }
}

/** Ends the primary after its last second was not replicated. */
export function primaryDiesWithItsLastWrites(group: SentinelRedis): Fault {
  return {
    name: 'the primary of Redis dies, and the promoted replica lacks its last second',
    async inject() {
      const old = await group.primary()
      const mend = await group.cutReplication()
      await delay(LOST_MS)
      await old.kill()
      async function replace(): Promise<void> {
        await group.promoted(old)
        await mend()
        await old.restart()
        await group.replicated()
      }
      return { recovered: replace() }
    },
  }
}

/** Ends the master of a sale's line with SIGKILL; its replica takes over. */
export function masterOfTheLineDies(cluster: ClusterRedis, sale: string): Fault {
  return {
    name: "the master of a Cluster with the sale's line dies (SIGKILL)",
    async inject() {
      const key = lineKey(sale)
      const old = await cluster.masterOf(key)
      await old.kill()
      async function replace(): Promise<void> {
        await cluster.promoted(key, old)
        await old.restart()
        await cluster.replicated()
      }
      return { recovered: replace() }
    },
  }
}

/**
 * Resolves to names for two sales whose lines are on different masters, the first of them at random. Line and stock of the
 * second are not on the master of the first one's line.
 */
export async function salesOnTwoMasters(cluster: ClusterRedis, draw: () => number): Promise<TwoSales> {
  const hit = `hit-${Math.floor(draw() * SALES)}`
  const { port } = await cluster.masterOf(lineKey(hit))
  for (let number = 1; number < SALES; number += 1) {
    const spared = `spared-${number}`
    const masters = await Promise.all([lineKey(spared), stockKey(spared)].map(cluster.masterOf))
    if (masters.every((master) => master.port !== port)) return { hit, spared }
  }
  throw new Error('Every sale is on one master.')
}

/** Moves the slots of the newest sale's line and of its stock to other masters, key by key. */
export function slotsMove(cluster: ClusterRedis): Fault {
  return {
    name: "the slots of the sale's line and of its stock move",
    async inject() {
      async function move(): Promise<void> {
        for (const pattern of [lineKey('failover-*'), stockKey('failover-*')]) {
          const key = await newestKey(cluster, pattern)
          const from = await cluster.masterOf(key)
          const masters = await Promise.all(['{bus}', 'wr:sales', 'wr:processes', 'a', 'b'].map(cluster.masterOf))
          const to = masters.find(({ port }) => port !== from.port)
          if (to === undefined) throw new Error('There is no other master.')
          await cluster.moveSlot(key, to)
        }
      }
      return { recovered: move() }
    },
  }
}

const lineKey = (sale: string): string => `wr:{w:${sale}}:sale`
const stockKey = (sale: string): string => `oc:{o:${sale}}:meta`

/** Returns the key of the sale that was opened last. */
async function newestKey(cluster: ClusterRedis, pattern: string): Promise<string> {
  const found = await Promise.all(cluster.servers.map((server) => cluster.client(server).keys(pattern)))
  const numberOf = (key: string): number => Number(/failover-(\d+)/.exec(key)?.[1])
  const newest = found.flat().toSorted((a, b) => numberOf(b) - numberOf(a))[0]
  if (newest === undefined) throw new Error(`No key ${pattern}.`)
  return newest
}
