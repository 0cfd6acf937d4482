import type { Reply } from './replay.ts'
import { type ExploredOrder, HASH, LATER, NOW, PAST, SALE, SKU } from './shop.ts'
import type { MoneyRows, OrderRow, OrderSide, StockRow } from './state.ts'

/** The rows visible to a piece of work. */
export interface Rows {
  readonly orders: readonly { readonly index: number; readonly side: Pick<OrderSide, 'row' | 'money' | 'clock'> }[]
  readonly stock: StockRow
}

export interface RowsAfter {
  readonly orders: readonly { readonly index: number; readonly row: OrderRow | null; readonly money: MoneyRows }[]
  readonly stock: StockRow
  /** Events written to the outboxes, as labels, by the index of the order. */
  readonly events: readonly { readonly index: number; readonly label: string }[]
  readonly payments: readonly { readonly index: number; readonly label: string }[]
  readonly reply: Reply
}

/** Returns the SQL that replaces all rows by these. */
export function resetText({ orders, stock }: Rows, explored: readonly ExploredOrder[]): string {
  const lines: string[] = [
    'delete from orders.orders; delete from orders.order_lines; delete from orders.outbox; delete from orders.buyer_units',
    'delete from payments.charges; delete from payments.refunds; delete from payments.outbox',
    `update orders.stock set held = ${stock.held}, sold = ${stock.sold}`,
  ]
  for (const [buyer, count] of Object.entries(stock.units))
    lines.push(`insert into orders.buyer_units values ('${SALE}', '${buyer}', '${SKU}', ${count}, 9)`)
  for (const { index, side } of orders) {
    const order = explored[index]
    if (order === undefined) continue
    lines.push(...orderText(order, side), ...moneyText(order, side))
  }
  return lines.join(';\n')
}

/** Reads the current rows of the visible orders. */
export function rowsAfter(
  all: Everything,
  { orders }: Rows,
  explored: readonly ExploredOrder[],
): Omit<RowsAfter, 'reply'> {
  const indexOf = (id: string) => explored.findIndex((order) => order.id === id)
  return {
    orders: orders.map(({ index }) => {
      const id = explored[index]?.id
      const row = all.orders.find((each) => each.id === id)
      const charge = all.charges.find((each) => each.id === id)
      const refund = all.refunds.find((each) => each.id === id)
      return {
        index,
        row:
          row === undefined
            ? null
            : {
                ...{ status: row.status, reason: row.reason, version: row.version },
                bound: row.bound,
                revived: row.revived,
              },
        money: {
          charge:
            charge === undefined
              ? null
              : {
                  attempt: charge.attempt,
                  status: charge.status,
                  isEnded: charge.ended,
                  hasCharge: charge.charge !== null,
                },
          refund: refund === undefined ? null : { status: refund.status, request: refund.request },
        },
      }
    }),
    stock: { ...all.stock, units: Object.fromEntries(all.units.map(({ buyer, units: count }) => [buyer, count])) },
    events: all.events.map(({ key, ...event }) => ({ index: indexOf(key), label: labelOf(event) })),
    payments: all.payments.map(({ key, type }) => ({ index: indexOf(key), label: shortType(type) })),
  }
}

export interface Everything {
  readonly orders: readonly {
    id: string
    status: string
    reason: string | null
    version: number
    bound: boolean | null
    revived: boolean
  }[]
  readonly stock: { held: number; sold: number }
  readonly units: readonly { buyer: string; units: number }[]
  readonly events: readonly {
    key: string
    type: string
    version: number
    reason: string | null
    revived: boolean | null
  }[]
  readonly charges: readonly { id: string; attempt: number; status: string; ended: boolean; charge: string | null }[]
  readonly refunds: readonly { id: string; status: string; request: number }[]
  readonly payments: readonly { key: string; type: string }[]
}

export const READ_BACK = `select json_build_object(
  'orders', coalesce((select json_agg(json_build_object('id', id, 'status', status, 'reason', cancel_reason, 'version', version,
    'bound', slot_bound, 'revived', revived_at is not null)) from orders.orders), '[]'),
  'stock', (select json_build_object('held', held, 'sold', sold) from orders.stock),
  'units', coalesce((select json_agg(json_build_object('buyer', buyer, 'units', units) order by buyer)
    from orders.buyer_units where units > 0), '[]'),
  'events', coalesce((select json_agg(json_build_object('key', key, 'type', type, 'version', version,
    'reason', data::json ->> 'reason', 'revived', (data::json ->> 'revived')::boolean) order by id) from orders.outbox), '[]'),
  'charges', coalesce((select json_agg(json_build_object('id', order_id, 'attempt', attempt, 'status', status,
    'ended', order_ended, 'charge', provider_charge_id)) from payments.charges), '[]'),
  'refunds', coalesce((select json_agg(json_build_object('id', order_id, 'status', status, 'request', request_version))
    from payments.refunds), '[]'),
  'payments', coalesce((select json_agg(json_build_object('key', key, 'type', type) order by id) from payments.outbox), '[]')
) as all`

const shortType = (type: string): string => type.replace(/^(order|payment)\./, '').replace(/\.v\d+$/, '')

/** Returns an event's label in the state: what its consumers read of it. */
const labelOf = ({ type, version, reason, revived }: Omit<Everything['events'][number], 'key'>): string => {
  const short = shortType(type)
  if (short === 'confirmed' && revived === true) return `${short}:revived`
  if (short === 'cancelled') return `${short}:${reason}`
  return short === 'refund-requested' ? `${short}:${version}` : short
}

const at = (time: Date): string => `'${time.toISOString()}'`

function orderText(
  { id, buyer, slot, priceMinor }: ExploredOrder,
  { row, clock }: Pick<OrderSide, 'row' | 'clock'>,
): string[] {
  if (row === null) return []
  const { status, reason, version, bound, revived } = row
  const times = `${at(NOW)}, ${at(clock === 2 ? PAST : LATER)}, ${at(clock === 0 ? LATER : PAST)}, ${at(NOW)}`
  return [
    `insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency, payment_method,
       sealed_email, created_at, hold_expires_at, charge_by, updated_at, version, slot_bound,
       revived_at)
     values ('${id}', '${SALE}', '${buyer}', '${slot}', '${HASH}', '${status}', ${reason === null ? 'null' : `'${reason}'`},
       ${priceMinor}, 'EUR', 'sim_ok', 'sealed', ${times}, ${version}, ${bound},
       ${revived ? at(NOW) : 'null'})`,
    `insert into orders.order_lines (order_id, position, sku, quantity, price_minor) values ('${id}', 0, '${SKU}', 1, ${priceMinor})`,
  ]
}

function moneyText({ id, priceMinor }: ExploredOrder, { money, clock }: Pick<OrderSide, 'money' | 'clock'>): string[] {
  const { charge, refund } = money
  const texts: string[] = []
  if (charge !== null) {
    const key = charge.attempt === 1 ? id : `${id}:${charge.attempt}`
    texts.push(`insert into payments.charges (order_id, attempt, key, sale, amount_minor, currency, payment_method, status,
        provider_charge_id, charge_by, order_ended, due_at)
      values ('${id}', ${charge.attempt}, '${key}', '${SALE}', ${priceMinor}, 'EUR', 'sim_ok', '${charge.status}',
        ${charge.hasCharge ? `'charge'` : 'null'}, ${at(clock === 0 ? LATER : PAST)}, ${charge.isEnded}, ${at(PAST)})`)
  }
  if (refund !== null)
    texts.push(`insert into payments.refunds (order_id, request_version, key, status, due_at)
      values ('${id}', ${refund.request}, 'refund:${id}', '${refund.status}', ${at(PAST)})`)
  return texts
}
