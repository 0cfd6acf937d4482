import { setTimeout as delay } from 'node:timers/promises'
import type { Operator } from '@floodgate/client'
import type { Redis } from '@floodgate/redis'
import { lineKey } from '../redis/read-line.ts'
import { logCalls, type ScriptTimes, scriptTimes, shaOf } from '../redis/script-times.ts'
import { joinBuyers } from '../system/join-buyers.ts'

const JOINS = 100
const WATCH_MS = 5_000
const WATCH_SMALL_MS = 1_500
/** A changed rate reaches every process within this time. */
const EFFECTIVE_MS = 1_000

const admit = shaOf('waiting-room/src/admission/admit.lua')
const snapshot = shaOf('waiting-room/src/snapshot/snapshot.lua')
const join = shaOf('waiting-room/src/line/join.lua')

/** The times of a sale's scripts inside Redis; undefined for one that was not called. */
export interface LineScripts {
  readonly sale: string
  /** Ticks that admit buyers. */
  readonly admitting: ScriptTimes | undefined
  /** Ticks that find nobody present and set buyers aside: as many places as one tick may read. */
  readonly settingAside: ScriptTimes | undefined
  readonly snapshot: ScriptTimes | undefined
  readonly join: ScriptTimes | undefined
}

const STAY_MS = 600_000
const HEAD_PLACES = 5_000

/** Marks the head of a line present, as if its buyers kept reporting. */
async function stayPresent(redis: Redis, sale: string): Promise<void> {
  const head = await redis.zrange(lineKey(sale, 'line'), '0', String(HEAD_PLACES - 1))
  if (head.length > 0)
    await redis.zadd(lineKey(sale, 'seen'), ...head.flatMap((buyer) => [String(Date.now() + STAY_MS), buyer]))
}

/** Ages the window, as if its edge had passed the whole line a minute ago and no buyer had reported since. */
async function matureNow(redis: Redis, sale: string): Promise<void> {
  const [, last = '0'] = await redis.zrange(lineKey(sale, 'line'), '-1', '-1', 'WITHSCORES')
  await redis.hset(lineKey(sale, 'sale'), { edge: last, edges: `${Date.now() - 60_000} ${last}` })
  await redis.del(lineKey(sale, 'seen'))
}

/** Lets every line move at the rate and times its scripts by Redis' own log of calls. */
export async function tickAndSnapshot(options: {
  readonly redis: Redis
  readonly operator: Operator
  readonly values: { readonly rate: number }
  readonly small: boolean
  readonly lengths: readonly { readonly sale: string }[]
}): Promise<readonly LineScripts[]> {
  const { redis, operator, values, small, lengths } = options
  const watchMs = small ? WATCH_SMALL_MS : WATCH_MS
  for (const { sale } of lengths) {
    await operator.openSale(sale, { admitPerSecond: values.rate, maxActive: 1_000_000, admissionTtlSeconds: 3_600 })
    await stayPresent(redis, sale)
  }
  await delay(EFFECTIVE_MS)
  const moving = await logCalls(redis, async () => {
    for (const { sale } of lengths) await joinBuyers(operator.rooms, { sale, buyers: JOINS })
    await delay(watchMs)
  })
  // Sets the window's history back, so that the written places, which never report, are mature without a wait.
  for (const { sale } of lengths) await matureNow(redis, sale)
  const emptying = await logCalls(redis, () => delay(watchMs))
  return lengths.map(({ sale }) => {
    const key = lineKey(sale, 'sale')
    return {
      sale,
      admitting: scriptTimes(moving, { sha: admit, key }),
      settingAside: scriptTimes(emptying, { sha: admit, key }),
      snapshot: scriptTimes(moving, { sha: snapshot, key }),
      join: scriptTimes(moving, { sha: join, key }),
    }
  })
}
