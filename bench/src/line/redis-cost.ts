import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from '@floodgate/redis'
import { type CommandStats, callsOf, scriptsOf, spentBetween } from '../redis/command-stats.ts'
import { readCommandStats } from '../redis/connect-redis.ts'

const SECOND = 1_000

export interface Spent {
  readonly stats: CommandStats
  readonly seconds: number
}

/** Reads the work of Redis while `work` ran, from its own statistics. */
export async function spentDuring<Result>(
  redis: Redis,
  work: () => Promise<Result>,
): Promise<Spent & { readonly result: Result }> {
  const before = await readCommandStats(redis)
  const startedAt = performance.now()
  const result = await work()
  const seconds = (performance.now() - startedAt) / SECOND
  return { stats: spentBetween(before, await readCommandStats(redis)), seconds, result }
}

/** Reads the work of Redis without requests: ticks, snapshots, the bus. */
export function spentIdle(redis: Redis, seconds: number): Promise<Spent> {
  return spentDuring(redis, () => delay(seconds * SECOND))
}

export interface CostPerRequest {
  readonly commands: number
  readonly scripts: number
  readonly scriptMicroseconds: number
  /** Background commands divided by the requests, for comparison with the other costs. */
  readonly anyway: number
}

/** Returns the cost of one request in Redis, without the background work. Pure. */
export function costPerRequest(spent: Spent, idle: Spent, requests: number): CostPerRequest {
  const times = spent.seconds / idle.seconds
  const [busy, background] = [scriptsOf(spent.stats), scriptsOf(idle.stats)]
  const beyond = (all: number, anyway: number) => Math.max(0, all - anyway * times) / Math.max(1, requests)
  return {
    commands: beyond(callsOf(spent.stats), callsOf(idle.stats)),
    scripts: beyond(busy.calls, background.calls),
    scriptMicroseconds: beyond(busy.microseconds, background.microseconds),
    anyway: (callsOf(idle.stats) * times) / Math.max(1, requests),
  }
}
