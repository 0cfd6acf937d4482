import { bodyOf, createBuyer, createOperator } from '@floodgate/client'
import type { OrderResource } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { createInbox } from '../client/externals.ts'
import { patiently, sendTo } from '../client/http.ts'

export interface ShopOptions {
  readonly waitingRoomUrl: string
  readonly orderCoreUrl: string
  readonly mailUrl: string
  readonly adminToken: string
}
export interface Shop {
  /** Buys one item as a new buyer, and returns the confirmed order once its mail has arrived. */
  buy(): Promise<OrderResource>
  /** Returns how many items are sold, once Redis and Postgres agree on it. */
  sold(): Promise<number>
}

const SALE = 'boxed'
const LAMP = { sku: 'lamp', name: 'Lamp', listPriceMinor: 4_000, salePriceMinor: 2_000, total: 500, perBuyerLimit: 1 }
const NEW_SALE = { name: 'Containers', admitPerSecond: 20, maxActive: 100, admissionTtlSeconds: 120, items: [LAMP] }
const POLL = { intervalMs: 200 }

/** Opens a sale of lamps. */
export async function openShop({ waitingRoomUrl, orderCoreUrl, mailUrl, adminToken }: ShopOptions): Promise<Shop> {
  const apps = { waitingRoom: patiently(sendTo([waitingRoomUrl])), orderCore: patiently(sendTo([orderCoreUrl])) }
  const operator = createOperator({ ...apps, adminToken, newSale: NEW_SALE })
  const inbox = createInbox(mailUrl)
  await operator.openSale(SALE)
  let buyers = 0

  async function buy(): Promise<OrderResource> {
    buyers += 1
    const email = `buyer-${buyers}@example.com`
    const buyer = createBuyer({ ...apps, sale: SALE, joinKey: `the-secret-of-buyer-number-${buyers}` })
    await eventually(() => buyer.join(), POLL)
    await buyer.untilAdmitted()
    const wanted = { items: [{ sku: LAMP.sku, quantity: 1 }], email, paymentMethod: 'sim_ok' }
    const { id } = await bodyOf(buyer.placeOrder(wanted, `order-${buyers}`))
    const order = await eventually(async () => {
      const read = await buyer.readOrder(id)
      if (read.status !== 'confirmed') throw new Error(`The order is ${read.status}.`)
      return read
    }, POLL)
    await eventually(async () => {
      if ((await inbox.mailsTo(email)).length !== 1) throw new Error(`${email} has no mail.`)
    }, POLL)
    return order
  }
  return {
    buy,
    sold: () =>
      eventually(async () => {
        const { agree, skus } = await operator.stock(SALE)
        if (!agree) throw new Error('Redis and Postgres disagree on the stock.')
        return skus.reduce((sum, { postgres }) => sum + postgres.sold, 0)
      }, POLL),
  }
}
