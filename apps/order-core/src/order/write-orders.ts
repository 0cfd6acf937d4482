import { COLUMNS, type HeldOrder, WRITTEN } from './order.ts'
import { withTimedEvents } from './order-event.ts'

const FIELDS = Object.keys(WRITTEN) as readonly (keyof typeof WRITTEN)[]
const columns = FIELDS.map((field) => COLUMNS[field].replace('o.', '')).join(', ')

/**
 * Completes a statement that writes orders: `:columns` are the columns of `WRITTEN`, `:arrays` one parameter for each
 * of them, numbered behind the statement's own; `:timed(…)` see order-event.ts.
 */
export function orderStatement(sql: string): string {
  const own = Math.max(...[...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
  const arrays = FIELDS.map((field, index) => `$${own + 1 + index}::${WRITTEN[field]}[]`).join(', ')
  return withTimedEvents(sql.replaceAll(':columns', columns).replaceAll(':arrays', arrays))
}

/** Returns the parameters of `:arrays`. */
export function orderArrays(orders: readonly HeldOrder[]): readonly unknown[][] {
  return FIELDS.map((field) => orders.map((order) => order[field]))
}

/** Returns the orders' lines, one parameter each: order, position, SKU, quantity, price. */
export function lineArrays(orders: readonly HeldOrder[]): readonly unknown[][] {
  const lines = orders.flatMap((order) => order.lines.map((line, position) => ({ order: order.id, position, ...line })))
  return [
    lines.map((line) => line.order),
    lines.map((line) => line.position),
    lines.map((line) => line.sku),
    lines.map((line) => line.quantity),
    lines.map((line) => line.priceMinor),
  ]
}
