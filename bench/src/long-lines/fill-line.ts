import { randomBytes } from 'node:crypto'
import { bodyOf, type Operator } from '@floodgate/client'
import type { Redis } from '@floodgate/redis'
import { lineKey } from '../redis/read-line.ts'
import type { Holder } from '../system/join-buyers.ts'

const PORTION = 1_000
const PARTS = 10
/** Lines up to this length are filled by joins within a second or two. */
const WORTH_TELLING = 50_000
const BUYER_BYTES = 16

/**
 * Fills a line with `waiters`. A million joins over HTTP would take minutes, so most places are written as join.lua
 * leaves them: the next number of the counter, a buyer of 22 characters, one member of the sorted set. Every tenth of
 * the line ends with joins over HTTP, which would be rejected or misplaced if the rest did not match the waiting room's
 * own data; their buyers are the ones that poll. Throws when a join gets a place other than the next one.
 */
export async function fillLine(
  redis: Redis,
  options: {
    readonly rooms: Operator['rooms']
    readonly sale: string
    readonly waiters: number
    readonly tickets: number
    progress(line: string): void
    readonly signal: AbortSignal
  },
): Promise<readonly Holder[]> {
  const { rooms, sale, waiters, signal } = options
  const byHttp = Math.ceil(options.tickets / PARTS)
  const holders: Holder[] = []
  for (let part = 1; part <= PARTS; part += 1) {
    const end = Math.floor((waiters * part) / PARTS)
    const begin = Math.floor((waiters * (part - 1)) / PARTS)
    await writePlaces(redis, { sale, from: begin + 1, to: end - byHttp, signal })
    for (let place = end - byHttp + 1; place <= end; place += 1) {
      const joined = await bodyOf(rooms.join({ params: { sale } }))
      if (joined.place !== place) throw new Error(`${sale}: the next place is ${place}, a join got ${joined.place}.`)
      holders.push({ ticket: joined.ticket, place })
    }
    if (end >= WORTH_TELLING) options.progress(`${end.toLocaleString('en')} of ${waiters.toLocaleString('en')} wait`)
  }
  return holders
}

async function writePlaces(
  redis: Redis,
  options: { readonly sale: string; readonly from: number; readonly to: number; readonly signal: AbortSignal },
): Promise<void> {
  const { sale, from, to, signal } = options
  for (let first = from; first <= to; first += PORTION) {
    signal.throwIfAborted()
    const count = Math.min(PORTION, to - first + 1)
    const random = randomBytes(count * BUYER_BYTES)
    const members = Array.from({ length: count }, (_, index) => [first + index, buyerOf(random, index)]).flat()
    await Promise.all([
      redis.zadd(lineKey(sale, 'line'), ...members),
      redis.hincrby(lineKey(sale, 'sale'), 'counter', count),
      redis.hincrby(lineKey(sale, 'sale'), 'joined', count),
    ])
  }
}

const buyerOf = (random: Buffer, index: number): string =>
  random.subarray(index * BUYER_BYTES, (index + 1) * BUYER_BYTES).toString('base64url')
