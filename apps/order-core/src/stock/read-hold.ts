import type { RedisClient } from '@floodgate/redis'
import { type HeldOrder, NO_DRAFT, type OrderDraft } from '../order/order.ts'
import { parseLines } from './hold.ts'
import { saleKeys } from './keys.ts'

export interface SeenHold {
  /** reserved | pending | sold | released */
  readonly state: string
  readonly order: HeldOrder
}

/** An order that was never placed reserved no voucher. */
const NO_DISCOUNT = 0

/** Reads what Redis has of a hold: its record, or what a rebuild wrote. Undefined when it has nothing. */
export async function readHold(redis: RedisClient, sale: string, id: string): Promise<SeenHold | undefined> {
  const record = await redis.hgetall(saleKeys(sale).hold(id))
  if (record.state === undefined) return await readLedgerEntry(redis, sale, id)
  const { state, buyer = '', slot = '', hash: requestHash = '', currency = '', lines } = record
  const held = { id, sale, buyer, slot, requestHash, currency, lines: linesOf(lines), discountMinor: NO_DISCOUNT }
  return { state, order: { ...held, ...draftOf(record) } }
}

/** Reads the draft. A process of an older version wrote its fields separately, or had fewer. */
function draftOf({ draft, method, email, trace }: Readonly<Record<string, string>>): OrderDraft {
  if (draft !== undefined) return { ...NO_DRAFT, ...(JSON.parse(draft) as Partial<OrderDraft>) }
  return { ...NO_DRAFT, paymentMethod: method ?? '', sealedEmail: email ?? '', traceparent: trace ?? '' }
}

async function readLedgerEntry(redis: RedisClient, sale: string, id: string): Promise<SeenHold | undefined> {
  const { ledger, meta } = saleKeys(sale)
  const entry = await redis.hget(ledger, id)
  if (entry === null) return undefined
  const isPending = entry.startsWith('[')
  const [buyer, slot, lines] = isPending ? (JSON.parse(entry) as [string, string, string]) : ['', '', '']
  const currency = (await redis.hget(meta, 'currency')) ?? ''
  return {
    state: isPending ? 'pending' : entry,
    order: {
      ...{ id, sale, buyer, slot, requestHash: '', currency, lines: linesOf(lines) },
      ...{ discountMinor: NO_DISCOUNT, ...NO_DRAFT },
    },
  }
}

const linesOf = (packed: string | undefined): HeldOrder['lines'] =>
  packed === undefined || packed === '' ? [] : parseLines(packed)
