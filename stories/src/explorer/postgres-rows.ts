import type { Reply } from './replay.ts'
import type { ExploredOrder } from './shop.ts'
import type { MoneyRows, OrderRow, OrderSide, StockRow } from './state.ts'

/** The rows visible to a piece of work. */
export interface Rows {
  readonly orders: readonly {
    readonly index: number
    readonly side: Pick<OrderSide, 'row' | 'refunds' | 'money' | 'clock'>
  }[]
  readonly stock: StockRow
}

export interface RowsAfter {
  readonly orders: readonly ({ readonly index: number } & Pick<OrderSide, 'row' | 'refunds' | 'money'>)[]
  readonly stock: StockRow
  /** Events written to the outboxes, as labels, by the index of the order. */
  readonly events: readonly { readonly index: number; readonly label: string }[]
  readonly payments: readonly { readonly index: number; readonly label: string }[]
  readonly reply: Reply
}

/** Reads the current rows of the visible orders. */
export function rowsAfter(
  all: Everything,
  { orders }: Rows,
  explored: readonly ExploredOrder[],
): Omit<RowsAfter, 'reply'> {
  const indexOf = (id: string) => explored.findIndex((order) => order.id === id)
  return {
    orders: orders.map(({ index }) => ({
      index,
      row: all.orders.find((each) => each.id === explored[index]?.id)?.row ?? null,
      refunds: byIndex(explored[index], all.orderRefunds, ({ status, amountMinor, units }) => ({
        status,
        amountMinor,
        units,
      })),
      money: moneyOf(all, explored[index]),
    })),
    stock: {
      ...all.stock,
      units: Object.fromEntries(all.units.map(({ buyer, units: count }) => [buyer, count])),
      issued: all.issued ?? 0,
      vouchers: Object.fromEntries(
        all.vouchers.map(({ buyer, state, order }) => [buyer, order === null ? state : `${state} ${indexOf(order)}`]),
      ),
    },
    events: all.events.map(({ key, ...event }) => ({
      index: indexOf(key),
      label: labelOf(event, explored[indexOf(key)]),
    })),
    payments: all.payments.map(({ key, ...event }) => ({
      index: indexOf(key),
      label: labelOf(event, explored[indexOf(key)]),
    })),
  }
}

function moneyOf({ charges, refunds, parts }: Everything, order: ExploredOrder | undefined): MoneyRows {
  const charge = charges.find((each) => each.id === order?.id)
  const refund = refunds.find((each) => each.id === order?.id)
  return {
    charge:
      charge === undefined
        ? null
        : {
            ...{ attempt: charge.attempt, status: charge.status },
            ...{ isEnded: charge.ended, hasCharge: charge.charge !== null },
          },
    refund: refund === undefined ? null : { status: refund.status, request: refund.request },
    parts: byIndex(order, parts, ({ status, request, amountMinor }) => ({ status, request, amountMinor })),
  }
}

/** Returns what is found of an order's refunds, by their index. */
function byIndex<Found extends { readonly id: string }, Part>(
  order: ExploredOrder | undefined,
  all: readonly Found[],
  partOf: (found: Found) => Part,
): Readonly<Record<string, Part>> {
  const entries = (order?.refunds ?? []).flatMap(({ id }, index) => {
    const found = all.find((each) => each.id === id)
    return found === undefined ? [] : [[String(index), partOf(found)] as const]
  })
  return Object.fromEntries(entries)
}

interface EventRow {
  readonly key: string
  readonly type: string
  readonly version: number
  readonly reason: string | null
  readonly revived: boolean | null
  /** Of a refund of a paid order: its id, amount and units. */
  readonly refund: string | null
  readonly amountMinor: number | null
  readonly units: number | null
}

export interface Everything {
  readonly orders: readonly { readonly id: string; readonly row: OrderRow }[]
  readonly orderRefunds: readonly { id: string; status: string; amountMinor: number; units: number }[]
  readonly stock: { held: number; sold: number }
  readonly units: readonly { buyer: string; units: number }[]
  readonly issued: number | null
  readonly vouchers: readonly { buyer: string; state: string; order: string | null }[]
  readonly events: readonly EventRow[]
  readonly charges: readonly { id: string; attempt: number; status: string; ended: boolean; charge: string | null }[]
  readonly refunds: readonly { id: string; status: string; request: number }[]
  readonly parts: readonly { id: string; status: string; request: number; amountMinor: number }[]
  readonly payments: readonly EventRow[]
}

const all = (columns: string, table: string, order = '') =>
  `coalesce((select json_agg(json_build_object(${columns}) ${order}) from ${table}), '[]')`

const events = (table: string, refund: string, amount: string, units: string) =>
  all(
    `'key', key, 'type', type, 'version', version, 'reason', data::json ->> 'reason',
     'revived', (data::json ->> 'revived')::boolean, 'refund', ${refund}, 'amountMinor', (${amount})::int, 'units', (${units})::int`,
    table,
    'order by id',
  )

/** Reads all rows, as `Everything`. */
export const READ_BACK = `select json_build_object(
  'orders', ${all(
    `'id', id, 'row', json_build_object('status', status, 'reason', cancel_reason, 'version', version, 'bound', slot_bound,
      'revived', revived_at is not null, 'totalMinor', total_minor, 'discountMinor', discount_minor,
      'refundsMinor', refunds_minor, 'refundScope', refund_scope)`,
    'orders.orders',
  )},
  'orderRefunds', ${all(
    `'id', id, 'status', status, 'amountMinor', r.amount_minor, 'units', quantity`,
    'orders.refunds r join orders.refund_lines on refund_id = id',
  )},
  'stock', (select json_build_object('held', held, 'sold', sold) from orders.stock),
  'units', ${all(`'buyer', buyer, 'units', units`, 'orders.buyer_units where units > 0', 'order by buyer')},
  'issued', (select issued from orders.voucher_campaigns),
  'vouchers', ${all(`'buyer', buyer, 'state', state, 'order', order_id`, 'orders.vouchers', 'order by buyer')},
  'events', ${events(
    'orders.outbox',
    `data::json -> 'refund' ->> 'id'`,
    `data::json -> 'refund' ->> 'amountMinor'`,
    `data::json -> 'refund' -> 'items' -> 0 ->> 'quantity'`,
  )},
  'charges', ${all(
    `'id', order_id, 'attempt', attempt, 'status', status, 'ended', order_ended, 'charge', provider_charge_id`,
    'payments.charges',
  )},
  'refunds', ${all(`'id', order_id, 'status', status, 'request', request_version`, 'payments.refunds')},
  'parts', ${all(
    `'id', id, 'status', status, 'request', request_version, 'amountMinor', amount_minor`,
    'payments.part_refunds',
  )},
  'payments', ${events('payments.outbox', `data::json ->> 'refund'`, `data::json ->> 'amountMinor'`, 'null')}
) as all`

/** Returns an event's label in the state: what its consumers read of it. */
function labelOf(event: Omit<EventRow, 'key'>, order: ExploredOrder | undefined): string {
  const { type, version, reason, revived, refund, amountMinor, units } = event
  const short = type.replace(/^(order|payment)\./, '').replace(/\.v\d+$/, '')
  const part = order?.refunds.findIndex(({ id }) => id === refund) ?? -1
  const detail = short === 'refund-requested' && !type.startsWith('payment.') ? version : ''
  if (part >= 0) return [short, detail, part, amountMinor, units ?? 0].join(':')
  if (short === 'confirmed' && revived === true) return `${short}:revived`
  if (short === 'cancelled') return `${short}:${reason}`
  return short === 'refund-requested' ? `${short}:${version}` : short
}
