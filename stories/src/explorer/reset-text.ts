import type { Rows } from './postgres-rows.ts'
import { CAMPAIGN, type ExploredOrder, LATER, NOW, PAST, SALE, SKU } from './shop.ts'

type Side = Rows['orders'][number]['side']

const TABLES = [
  ...[
    'orders.orders',
    'orders.order_lines',
    'orders.outbox',
    'orders.buyer_units',
    'orders.vouchers',
    'orders.refunds',
  ],
  ...['payments.charges', 'payments.refunds', 'payments.part_refunds', 'payments.outbox'],
]
const text = (value: string | null | undefined): string => (value == null ? 'null' : `'${value}'`)
const at = (time: Date): string => text(time.toISOString())

/** Returns the SQL that replaces all rows by these. */
export function resetText({ orders, stock }: Rows, explored: readonly ExploredOrder[]): string {
  const lines: string[] = [
    ...TABLES.map((table) => `delete from ${table}`),
    `update orders.stock set held = ${stock.held}, sold = ${stock.sold}`,
    `update orders.voucher_campaigns set issued = ${stock.issued}`,
  ]
  for (const [buyer, count] of Object.entries(stock.units))
    lines.push(`insert into orders.buyer_units values ('${SALE}', '${buyer}', '${SKU}', ${count}, 9)`)
  for (const [buyer, voucher] of Object.entries(stock.vouchers)) {
    const [state, order] = voucher.split(' ')
    const id = order === undefined ? null : explored[Number(order)]?.id
    lines.push(
      `insert into orders.vouchers values ('${SALE}', '${buyer}', '${CAMPAIGN}', '${state}', ${text(id)}, ${at(NOW)})`,
    )
  }
  for (const { index, side } of orders) {
    const order = explored[index]
    if (order === undefined) continue
    lines.push(...orderText(order, side), ...refundsText(order, side), ...moneyText(order, side))
  }
  return lines.join(';\n')
}

function orderText(
  { id, buyer, slot, priceMinor, quantity, hash, body }: ExploredOrder,
  { row, clock }: Pick<Side, 'row' | 'clock'>,
): string[] {
  if (row === null) return []
  const { status, reason, version, bound, revived, totalMinor, discountMinor, refundsMinor, refundScope } = row
  const times = `${at(NOW)}, ${at(clock === 2 ? PAST : LATER)}, ${at(clock === 0 ? LATER : PAST)}, ${at(NOW)}`
  return [
    `insert into orders.orders (id, sale, buyer, slot, request_hash, status, cancel_reason, total_minor, currency, payment_method,
       sealed_email, created_at, hold_expires_at, charge_by, updated_at, version, slot_bound,
       revived_at, voucher, discount_minor, refunds_minor, refund_scope)
     values ('${id}', '${SALE}', '${buyer}', '${slot}', '${hash}', '${status}', ${text(reason)},
       ${totalMinor}, 'EUR', 'sim_ok', 'sealed', ${times}, ${version}, ${bound},
       ${revived ? at(NOW) : 'null'}, ${text(body.voucher)}, ${discountMinor}, ${refundsMinor}, ${text(refundScope)})`,
    `insert into orders.order_lines (order_id, position, sku, quantity, price_minor)
     values ('${id}', 0, '${SKU}', ${quantity}, ${priceMinor / quantity})`,
  ]
}

function refundsText(order: ExploredOrder, { refunds }: Pick<Side, 'refunds'>): string[] {
  return Object.entries(refunds).flatMap(([index, { status, amountMinor, units }]) => {
    const { id, restock } = order.refunds[Number(index)] ?? {}
    return [
      `insert into orders.refunds (id, order_id, sale, request_hash, amount_minor, restock, status, requested_by, reason, created_at)
       values ('${id}', '${order.id}', '${SALE}', 'hash', ${amountMinor}, ${restock}, '${status}', 'operator', 'explored', ${at(NOW)})`,
      `insert into orders.refund_lines values ('${id}', 0, '${SKU}', ${units}, ${amountMinor})`,
    ]
  })
}

function moneyText(order: ExploredOrder, { money, clock }: Pick<Side, 'money' | 'clock'>): string[] {
  const { id, totalMinor } = order
  const { charge, refund, parts } = money
  const texts: string[] = []
  if (charge !== null) {
    const key = charge.attempt === 1 ? id : `${id}:${charge.attempt}`
    texts.push(`insert into payments.charges (order_id, attempt, key, sale, amount_minor, currency, payment_method, status,
        provider_charge_id, charge_by, order_ended, due_at)
      values ('${id}', ${charge.attempt}, '${key}', '${SALE}', ${totalMinor}, 'EUR', 'sim_ok', '${charge.status}',
        ${charge.hasCharge ? `'charge'` : 'null'}, ${at(clock === 0 ? LATER : PAST)}, ${charge.isEnded}, ${at(PAST)})`)
  }
  if (refund !== null)
    texts.push(`insert into payments.refunds (order_id, request_version, key, status, due_at)
      values ('${id}', ${refund.request}, 'refund:${id}', '${refund.status}', ${at(PAST)})`)
  for (const [index, { status, request, amountMinor }] of Object.entries(parts)) {
    const part = order.refunds[Number(index)]?.id
    texts.push(`insert into payments.part_refunds (id, order_id, amount_minor, request_version, key, status, due_at)
      values ('${part}', '${id}', ${amountMinor}, ${request}, 'refund:${part}', '${status}', ${at(PAST)})`)
  }
  return texts
}
