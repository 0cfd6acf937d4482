import { createMicroBatcher } from '@floodgate/async'
import { defineScript, type RedisClient, runScript } from '@floodgate/redis'
import type { Pool } from 'pg'
import { freeingReasons } from '../order/frees-slot.ts'
import { saleKeys } from './keys.ts'

const script = defineScript({
  name: 'load-buyers',
  file: new URL('./load-buyers.lua', import.meta.url),
  numberOfKeys: 6,
})
const BUYERS_PER_CALL = 64

/**
 * Loads what a buyer bought before the sale's stock was rebuilt into Redis, where hold.lua judges it. `epoch`: the
 * "n:run_id" of the stock in which the buyer was missing; nothing is written to any other stock.
 */
export type LoadBuyer = (missing: MissingBuyer) => Promise<void>

interface MissingBuyer {
  readonly sale: string
  readonly buyer: string
  readonly epoch: string
}

/**
 * Reads all buyers requested within one tick of the event loop with one statement. The read needs no lock: a buyer who
 * is not loaded cannot start an order meanwhile, and load-buyers.lua accounts for the orders that end.
 */
export function createLoadBuyer({ pool, redis }: { readonly pool: Pool; readonly redis: RedisClient }): LoadBuyer {
  const loadInBatch = createMicroBatcher<MissingBuyer, void>({
    itemsMax: BUYERS_PER_CALL,
    send: async (_, wanted) => {
      const [first] = wanted
      if (first === undefined) return []
      const { sale, epoch } = first
      const { meta, loaded, ledger, slots, units, corrected } = saleKeys(sale)
      const buyers = [...new Set(wanted.map(({ buyer }) => buyer))]
      const { rows } = await pool.query<{ json: string }>({
        name: 'load-buyers',
        text: BUYERS,
        values: [sale, freeingReasons, buyers],
      })
      const entries = `[${rows.map(({ json }) => json).join(',')}]`
      await runScript(redis, script, { keys: [meta, loaded, ledger, slots, units, corrected], args: [epoch, entries] })
      return wanted.map(() => undefined)
    },
  })
  return function loadBuyer(buyer) {
    return loadInBatch(`${buyer.epoch} ${buyer.sale}`, buyer)
  }
}

/** The rows in the form that load-buyers.lua takes. */
const BUYERS = `
  select json_build_object(
    'buyer', buyer,
    'units', coalesce(bought.units, '{}'),
    'released', coalesce(placed.released, '[]'),
    'open', coalesce(placed.open, '{}'),
    'corrections', coalesce(placed.revivals, '{}')::jsonb || coalesce(restocked.corrections, '{}')::jsonb,
    'slots', (
      select coalesce(json_agg(each.text order by nth), '[]')
      from unnest(placed.slots) with ordinality as each (text, nth)))::text as json
  from unnest($3::text[]) as b (buyer)
  cross join lateral (
    select
      json_agg(o.id) filter (where o.cancel_reason is not null) as released,
      json_object_agg(o.id, (
        select coalesce(string_agg(sku || '|' || quantity || '|' || price_minor, ','), '')
        from orders.order_lines where order_id = o.id)) filter (where o.status = 'pending') as open,
      json_object_agg(o.id, (
        select json_object_agg(sku, quantity) from orders.order_lines where order_id = o.id))
        filter (where o.revived_at is not null) as revivals,
      array_agg(array[o.slot, o.id::text])
        filter (where o.status <> 'pending' and (o.cancel_reason is null or o.cancel_reason <> all ($2::text[]))) as slots
    from orders.orders o where o.sale = $1 and o.buyer = b.buyer) as placed
  cross join lateral (
    select json_object_agg(r.id, (
      select json_object_agg(sku, -quantity) from orders.refund_lines where refund_id = r.id)) as corrections
    from orders.orders o join orders.refunds r on r.order_id = o.id and r.restock
    where o.sale = $1 and o.buyer = b.buyer and o.refund_scope is not null) as restocked
  cross join lateral (
    select json_object_agg(u.sku, u.units) as units
    from orders.buyer_units u where u.sale = $1 and u.buyer = b.buyer and u.units > 0) as bought`
