import { createBoundedMap } from '@floodgate/async'
import { defineScript, runScript } from '@floodgate/redis'
import { processesKey } from '../redis/keys.ts'
import { type LineRedis, whileRedisIsThere } from '../redis/line-redis.ts'
import { rankProcesses } from './rendezvous.ts'

const beatScript = defineScript({ name: 'beat', file: new URL('./beat.lua', import.meta.url), numberOfKeys: 1 })

/** Lease of a process at rest: it beats once a second, and may miss two beats. */
export const LEASE_AT_REST_MS = 3_500
/** Lease of a ticking process: others take its sales over this long after its death. It beats ten times a second. */
export const LEASE_TICKING_MS = 350

/**
 * Tracks which processes of the waiting room are alive, and which of them ticks which sale. Each process renews a lease
 * in Redis, which ends by Redis' clock. This data is as old as the last beat. Before the first beat, and when alone, a
 * process ticks everything.
 */
export interface Registry {
  /** Renews the lease. `leaseMs`: how long the others wait for the next beat. */
  beat(leaseMs: number): Promise<void>
  /** Releases the lease, so that the others need not wait for its end. */
  leave(): Promise<void>
  /** Returns this process' rank for a sale: 0 ticks it, 1 is the next to step in. */
  rankOf(sale: string): number
  /** Tells whether any lease is short, so that the death of its process must be detected soon. */
  isAnyTicking(): boolean
  /** Returns a number that rises whenever a process comes or goes. */
  generation(): number
  /**
   * Returns when this process last beat, by Redis' clock (0 before the first), and which processes were alive then or
   * within a lease before.
   */
  lastBeat(): { readonly atMs: number; readonly alive: readonly string[] }
}

/** Ranks of recently requested sales; recomputed at each change of the registry. */
const newRanks = () => createBoundedMap<number>(RANKS_MAX, { keptMs: 600_000 })
const RANKS_MAX = 100_000

export function createRegistry({ line, process }: { line: LineRedis; process: string }): Registry {
  let members: readonly string[] = [process]
  let beatAtMs = 0
  const seenAliveMs = new Map<string, number>()
  let isAnyTicking = false
  let generation = 0
  let ranks = newRanks()

  const call = async (leaseMs: number) => {
    const reply = (await whileRedisIsThere(() =>
      runScript(line.redis, beatScript, {
        keys: [processesKey],
        args: [line.now(), process, leaseMs, LEASE_AT_REST_MS],
      }),
    )) as [number, ...string[]]
    return reply
  }

  const learn = ([nowMs, ...flat]: [number, ...string[]]) => {
    beatAtMs = nowMs
    for (const [name, seenMs] of seenAliveMs) if (nowMs - seenMs > LEASE_AT_REST_MS) seenAliveMs.delete(name)
    const alive: string[] = []
    isAnyTicking = false
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const name = flat[at] ?? ''
      alive.push(name)
      if (name !== process && Number(flat[at + 1]) - nowMs <= LEASE_TICKING_MS) isAnyTicking = true
    }
    if (!alive.includes(process)) alive.push(process)
    for (const name of alive) seenAliveMs.set(name, nowMs)
    alive.sort()
    if (alive.join() === members.join()) return
    members = alive
    ranks = newRanks()
    generation += 1
  }

  return {
    beat: async (leaseMs) => learn(await call(leaseMs)),
    leave: async () => void (await call(0)),
    rankOf: (sale) => {
      const known = ranks.get(sale)
      if (known !== undefined) return known
      const rank = rankProcesses(sale, members).indexOf(process)
      ranks.set(sale, rank)
      return rank
    },
    isAnyTicking: () => isAnyTicking,
    generation: () => generation,
    lastBeat: () => ({ atMs: beatAtMs, alive: [...seenAliveMs.keys()] }),
  }
}
