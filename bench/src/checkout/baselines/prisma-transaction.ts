import { randomUUID } from 'node:crypto'
import type { PrismaClient } from '@floodgate/database'
import { eventText, type Line, SoldOut, soldOutOr, type WantedOrder, type Way } from './order-store.ts'
import { bySku } from './pg-transaction.ts'

const MINUTE = 60_000
/** Prisma's own bounds (2 s for a connection, 5 s for the work) would fail what merely waits here. */
const PATIENCE = { maxWait: 10 * MINUTE, timeout: 10 * MINUTE }

/** One Prisma interactive transaction per order, as its documentation writes one. */
export function createPrismaTransaction({ prisma }: { readonly prisma: PrismaClient }): Way {
  return function placeOrder(wanted) {
    return soldOutOr(prisma.$transaction((transaction) => place(transaction, wanted), PATIENCE))
  }
}

type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0]

async function place(transaction: Transaction, wanted: WantedOrder): Promise<string> {
  const { admission, body } = wanted
  const { sale } = admission
  const lines: Line[] = []
  for (const { sku, quantity } of body.items.toSorted(bySku)) {
    const item = await transaction.stock.findUniqueOrThrow({ where: { sale_sku: { sale, sku } } })
    const { count } = await transaction.stock.updateMany({
      where: { sale, sku, held: { lte: item.total - item.sold - quantity } },
      data: { held: { increment: quantity } },
    })
    if (count === 0) throw new SoldOut()
    lines.push({ sku, quantity, priceMinor: Number(item.salePriceMinor) })
  }
  const order = randomUUID()
  const now = Date.now()
  await transaction.order.create({
    data: {
      id: order,
      sale,
      buyer: admission.buyer,
      slot: admission.slot,
      requestHash: '',
      status: 'pending',
      totalMinor: BigInt(lines.reduce((sum, line) => sum + line.quantity * line.priceMinor, 0)),
      currency: 'EUR',
      paymentMethod: body.paymentMethod ?? '',
      sealedEmail: body.email,
      holdExpiresAt: new Date(now + 10 * MINUTE),
      chargeBy: new Date(now + 9 * MINUTE),
      lines: { create: lines.map((line, position) => ({ ...line, position, priceMinor: BigInt(line.priceMinor) })) },
    },
  })
  await transaction.ordersOutbox.create({
    data: { type: 'order.placed.v1', key: order, version: 1, data: eventText(order, wanted, lines) },
  })
  return order
}
