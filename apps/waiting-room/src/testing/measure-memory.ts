// Measures the line's memory in Redis, through its real scripts and on a virtual clock, so that it does not take an
// hour. Prints JSON. Usage: measure-memory.ts REDIS_URL BUYERS
import { randomBytes } from 'node:crypto'
import type { Redis } from '@floodgate/redis'
import { admit } from '../admission/admit.ts'
import { readBuyerStates } from '../line/buyer-state.ts'
import { notePresence } from '../line/presence.ts'
import { lineKeys } from '../redis/keys.ts'
import { projectSale } from '../sales/project-sale.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { connectVirtualLine, type VirtualLine } from './virtual-line.ts'

const RATE_PER_SECOND = 10_000
/** The rate while they wait: so low that hardly any buyer is inside the window, where presence is recorded. */
const WAITING_RATE_PER_SECOND = 0.1
const STEP_MS = 100
const PRESENT_MS = 60_000
/** More than a tick admits at this rate. */
const PRESENT_AT_ONCE = 1_500
const PORTION = 250
const HOUR_MS = 3_600_000
/** Ticks without an admission after which the line is stuck. */
const IDLE_TICKS_MAX = 1_000
const BUYER_BYTES = 16
const KID = randomBytes(8).toString('base64url')

/** Bytes of every key of the sale, by the last part of its name; the log separately. */
interface Bytes {
  readonly keys: Readonly<Record<string, number>>
  readonly log: number
}

const [redisUrl, wanted] = process.argv.slice(2)
const buyers = Number(wanted)
if (redisUrl === undefined || !Number.isSafeInteger(buyers) || buyers < 1)
  throw new Error('Usage: measure-memory.ts REDIS_URL BUYERS')
const virtual = await connectVirtualLine(redisUrl)
try {
  process.stdout.write(`${JSON.stringify(await measure(virtual, buyers))}\n`)
} finally {
  await virtual.close()
}

async function measure({ redis, line, clock, ...here }: VirtualLine, count: number) {
  const sale = await here.openSale({ admitPerSecond: WAITING_RATE_PER_SECOND, claimSeconds: 60 })
  const { id } = sale
  const empty = await bytesOf(redis, id)
  const names = Array.from({ length: count }, () => randomBytes(BUYER_BYTES).toString('base64url'))
  await here.joinMany(id, names)
  const waiting = await bytesOf(redis, id)

  const faster = { ...sale, admitPerSecond: RATE_PER_SECOND, version: sale.version + 1 }
  await projectSale(line, faster, { act: 'configure', isNew: false })
  const slots: string[] = []
  for (let idle = 0; slots.length < count; idle += 1) {
    if (idle > IDLE_TICKS_MAX) throw new Error(`${slots.length} of ${count} buyers were admitted, and then none.`)
    const next = names.slice(slots.length, slots.length + PRESENT_AT_ONCE)
    await notePresence(
      line,
      id,
      next.map((buyer, index) => ({ buyer, place: slots.length + index + 1, presentMs: PRESENT_MS })),
    )
    clock.advance(STEP_MS)
    const tick = await admit(line, id, KID)
    if (tick.kind !== 'ok') throw new Error(`The tick says ${tick.kind}.`)
    if (tick.admitted.length > 0) idle = 0
    // Every buyer fetches the admission.
    for (const some of portions(tick.admitted))
      await readBuyerStates(
        line,
        id,
        some.map(({ buyer, place }) => ({ buyer, place, presentMs: PRESENT_MS })),
      )
    slots.push(...tick.admitted.map(({ slot }) => slot))
  }
  const inside = await bytesOf(redis, id)

  for (const some of portions(slots)) await returnSlots(line, id, { slots: some, reason: 'finished' })
  const served = await bytesOf(redis, id)

  clock.advance(HOUR_MS + STEP_MS)
  for (let turn = 0; turn <= count / PORTION; turn += 1) {
    await admit(line, id, KID)
    await returnSlots(line, id, { reason: 'expired' })
  }
  const hourLater = await bytesOf(redis, id)
  const version = /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1] ?? ''
  return { version, buyers: count, empty, waiting, inside, served, hourLater }
}

function portions<Item>(items: readonly Item[]): readonly Item[][] {
  return Array.from({ length: Math.ceil(items.length / PORTION) }, (_, index) =>
    items.slice(index * PORTION, (index + 1) * PORTION),
  )
}

/** Sums every key under the sale's hash tag, including unexpected ones. */
async function bytesOf(redis: Redis, sale: string): Promise<Bytes> {
  const { sale: saleKey, log: logKey } = lineKeys(sale)
  const tag = saleKey.slice(saleKey.indexOf('{'), saleKey.indexOf('}') + 1)
  const keys: Record<string, number> = {}
  let log = 0
  for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
    const [next, found] = await redis.scan(cursor, 'MATCH', `*${tag}*`, 'COUNT', 1_000)
    cursor = next
    for (const key of found) {
      const bytes = (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0
      if (key === logKey) log = bytes
      else keys[key.slice(key.lastIndexOf(':') + 1)] = bytes
    }
  }
  return { keys, log }
}
