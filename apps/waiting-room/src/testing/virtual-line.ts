import { randomBytes } from 'node:crypto'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectGuardedRedis, testServerAddress, type VirtualClock, virtualClock } from '@floodgate/testkit'
import { JOINERS_MAX, joinAll } from '../line/join-all.ts'
import { lineKeys } from '../redis/keys.ts'
import { createLineRedis, type LineRedis } from '../redis/line-redis.ts'
import { projectSale } from '../sales/project-sale.ts'
import type { Sale } from '../sales/sale.ts'

/** The Redis of the test run, with a clock that the test controls. */
export interface VirtualLine {
  readonly line: LineRedis
  readonly redis: Redis
  readonly clock: VirtualClock
  /** Creates an open sale with a unique name. */
  openSale(settings: Partial<Sale>): Promise<Sale>
  joinMany(sale: string, buyers: readonly string[]): Promise<void>
  /** Lets buyers join, as if they reported for an hour. */
  joinAndStay(sale: string, buyers: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Creates an open sale with its own name. */
export function openSaleOf(settings: Partial<Sale>): Sale {
  return {
    id: `t-${randomBytes(6).toString('hex')}`,
    name: 'A sale',
    state: 'open',
    admitPerSecond: 10,
    maxActive: 1_000_000,
    admissionTtlSeconds: 600,
    claimSeconds: 0,
    returnSeconds: 600,
    extensionsMax: 2,
    frameOrigins: [],
    returnOrigins: [],
    defaultReturnUrl: null,
    identity: null,
    language: null,
    opensAt: null,
    closesAt: null,
    version: 1,
    ...settings,
  }
}

export async function connectVirtualLine(
  url = testServerAddress('redis'),
  { startMs = 1_800_000_000_000 } = {},
): Promise<VirtualLine> {
  const { redis, runIdGuard: guard } = await connectGuardedRedis(url)
  const clock = virtualClock(startMs)
  const line = createLineRedis({ redis, guard, now: clock.now })
  const opened: string[] = []
  const joinMany: VirtualLine['joinMany'] = async (sale, buyers) => {
    const joining = buyers.map((buyer) => ({ buyer, claimedPlace: 0 }))
    for (let from = 0; from < joining.length; from += JOINERS_MAX)
      await joinAll(line, sale, joining.slice(from, from + JOINERS_MAX))
  }
  return {
    line,
    redis,
    clock,
    openSale: async (settings) => {
      const sale = openSaleOf(settings)
      opened.push(sale.id)
      await projectSale(line, sale, { act: 'open', isNew: true })
      return sale
    },
    joinMany,
    joinAndStay: async (sale, buyers) => {
      await joinMany(sale, buyers)
      await redis.zadd(lineKeys(sale).presentUntil, ...buyers.flatMap((buyer) => [clock.now() + 3_600_000, buyer]))
    },
    close: async () => {
      for (const sale of opened) await redis.del(...Object.values(lineKeys(sale)))
      await closeRedis(redis)
    },
  }
}
