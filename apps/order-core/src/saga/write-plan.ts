import { readFileSync } from 'node:fs'
import type { OrderStatus } from '@floodgate/contracts'
import { type OutboxRow, outboxArrays } from '@floodgate/outbox'
import type { PoolClient } from 'pg'
import type { BuyerUnits, OrderMove, StockChange, TransitionPlan, VoucherMove } from './plan-transitions.ts'

const sql = (name: string) => readFileSync(new URL(`./${name}.sql`, import.meta.url), 'utf8')
const moveOrdersText = sql('move-orders')
const changeStockText = sql('change-stock')
const returnUnitsText = sql('return-units')
const takeUnitsText = sql('take-units')
const moveVouchersText = sql('move-vouchers')

/** An order that moved. */
export interface MovedOrder {
  readonly status: OrderStatus
  /** A late payment confirmed it. */
  readonly revived: boolean
  /** Since the commit that wrote the order. */
  readonly seconds: number
}

/**
 * Writes a plan whose orders this transaction has locked, and returns those that moved. Throws when one of them is not
 * at the version it was decided on.
 */
export async function writePlan(
  client: PoolClient,
  plan: Pick<TransitionPlan, 'moves' | 'events' | 'stock' | 'units' | 'unitsTaken' | 'vouchers'>,
): Promise<readonly MovedOrder[]> {
  if (plan.moves.length === 0) return []
  const moved = await moveOrders(client, plan)
  if (plan.vouchers.length > 0) await moveVouchers(client, plan.vouchers)
  if (plan.stock.length > 0) await changeStock(client, plan.stock)
  if (plan.units.length > 0) await changeUnits(client, { name: 'return-units', text: returnUnitsText }, plan.units)
  if (plan.unitsTaken.length > 0)
    await changeUnits(client, { name: 'take-units', text: takeUnitsText }, plan.unitsTaken)
  return moved
}

const moveOrders = async (
  client: PoolClient,
  { moves, events }: { moves: readonly OrderMove[]; events: readonly OutboxRow[] },
) => {
  const { rows } = await client.query<MovedOrder>({
    name: 'move-orders',
    text: moveOrdersText,
    values: [
      moves.map((move) => move.order),
      moves.map((move) => move.version),
      moves.map((move) => move.versionAfter),
      moves.map((move) => move.to),
      moves.map((move) => move.cancelReason),
      ...outboxArrays(events),
    ],
  })
  if (rows.length !== moves.length) throw new Error(`${moves.length} locked orders were to move, ${rows.length} did`)
  return rows
}

const moveVouchers = async (client: PoolClient, vouchers: readonly VoucherMove[]) => {
  await client.query({
    name: 'move-vouchers',
    text: moveVouchersText,
    values: [vouchers.map(({ order }) => order), vouchers.map(({ state }) => state)],
  })
}

const changeStock = async (client: PoolClient, stock: readonly StockChange[]) => {
  await client.query({
    name: 'change-stock',
    text: changeStockText,
    values: [
      stock.map((change) => change.sale),
      stock.map((change) => change.sku),
      stock.map((change) => change.released),
      stock.map((change) => change.sold),
      stock.map((change) => change.revived),
    ],
  })
}

const changeUnits = async (
  client: PoolClient,
  statement: { readonly name: string; readonly text: string },
  units: readonly BuyerUnits[],
) => {
  await client.query({
    ...statement,
    values: [
      units.map((each) => each.sale),
      units.map((each) => each.buyer),
      units.map((each) => each.sku),
      units.map((each) => each.units),
    ],
  })
}
