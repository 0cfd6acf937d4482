import { bodyOf } from '@floodgate/client'
import { publicCatalogue, stockBoard, stockChange } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { describe, expect, test } from 'vitest'
import { coat } from './client/coats.ts'
import { openSocket } from './client/socket.ts'
import { withSystem } from './client/test-system.ts'
import { expectEverySlotBack, expectStock } from './scenarios/expect-stock.ts'
import { timeSoldOut } from './scenarios/time-sold-out.ts'

/** Long enough for a whole payment on a slow machine. */
const HOLD_SECONDS = 8
/** Within this time buyers see everywhere that a sale sold out. */
const SEEN_MS_MAX = 2_000
const ROUNDS_MAX = 3
/** The provider's delay, unless its behaviour is changed before. */
const HELD_MS = 600_000
type Times = Readonly<Record<string, number>>

/** Returns the median of three times at each place. */
function mediansOf(times: readonly Times[]): Times {
  const medianAt = (where: string) =>
    times.map((each) => each[where] ?? Infinity).toSorted((one, other) => one - other)[1] ?? Infinity
  return Object.fromEntries(Object.keys(times[0] ?? {}).map((where) => [where, medianAt(where)]))
}

const isInTime = (medians: Times): boolean => Object.values(medians).every((ms) => ms < SEEN_MS_MAX)

const testSystem = withSystem({
  environment: {
    // A provider that is down would make the holds longer.
    'order-core': {
      ...{ HOLD_SECONDS: String(HOLD_SECONDS), CHARGE_MARGIN_SECONDS: '0.5', HOLD_STRETCH_SECONDS_MAX: '0' },
    },
    'payment-worker': { BREAKER_FAILURES: '3', BREAKER_OPEN_MS: '300', GATEWAY_TIMEOUT_MS: '8000' },
  },
})

describe('a hold that runs out', () => {
  test('releases the coat and the slot, and is not charged any more', async () => {
    const { operator, provider, inbox } = testSystem()
    await operator.openSale('expired', { items: [coat(1, 1)], maxActive: 1 })
    const frank = await testSystem().admitted('frank', 'expired')
    const grace = testSystem().buyer('grace', 'expired')
    await grace.join()
    await provider.behave({ mode: 'fail' })
    const order = await frank.order()
    expect(Date.parse(order.holdExpiresAt) - Date.parse(order.createdAt)).toBe(HOLD_SECONDS * 1_000)
    expect(await frank.untilOrderEnded(order.id)).toMatchObject({ status: 'cancelled', cancelReason: 'expired' })
    await expectStock(testSystem(), 'expired', { available: 1, held: 0, sold: 0 })

    await provider.behave({ mode: 'ok' })
    await grace.untilAdmitted()
    await grace.untilOrderIs((await grace.order()).id, 'confirmed')
    await eventually(async () => {
      expect(await provider.chargesOf(order.id)).toEqual([])
      expect(await inbox.mailsTo(frank.email)).toHaveLength(1)
    })
    expect(await frank.readOrder(order.id)).toMatchObject({ status: 'cancelled', cancelReason: 'expired' })
    await expectStock(testSystem(), 'expired', { available: 0, held: 0, sold: 1 })
    await expectEverySlotBack(testSystem(), 'expired')
  })

  test('while its payment is in progress is confirmed when the payment arrives, while there are coats; the others are refunded', async () => {
    const { operator, provider, inbox } = testSystem()
    const sale = 'paid-late'
    await operator.openSale(sale, { items: [coat(2, 1)] })
    const buyers = [await testSystem().admitted('henry', sale), await testSystem().admitted('iris', sale)]
    await provider.behave({ mode: 'ok', delayMs: HELD_MS })
    const orders = await Promise.all(buyers.map((buyer) => buyer.order()))
    const endOf = (at: number) => buyers[at]?.untilOrderEnded(orders[at]?.id ?? '')
    for (const at of [0, 1]) expect(await endOf(at)).toMatchObject({ status: 'cancelled', cancelReason: 'expired' })
    // One coat is left for the two.
    await bodyOf(operator.cores.putCatalogue({ params: { sale }, body: { currency: 'EUR', items: [coat(1, 1)] } }))
    await provider.behave({ mode: 'ok' })

    await eventually(async () => {
      const now = await Promise.all(buyers.map((buyer, at) => buyer.readOrder(orders[at]?.id ?? '')))
      expect(now.map(({ status }) => status).sort()).toEqual(['confirmed', 'refunded'])
      for (const [at, { status, revived, totalMinor }] of now.entries()) {
        expect(revived).toBe(status === 'confirmed' ? true : undefined)
        const refundedMinor = status === 'confirmed' ? 0 : totalMinor
        expect(await provider.chargesOf(orders[at]?.id ?? '')).toMatchObject([{ status: 'approved', refundedMinor }])
        expect(await inbox.mailsTo(buyers[at]?.email ?? '')).toHaveLength(2)
      }
    })
    await expectStock(testSystem(), sale, { available: 0, held: 0, sold: 1 })
    await expectEverySlotBack(testSystem(), sale)
  })
})

describe('what is left of a sale', () => {
  test('is known to the board, its sockets, the catalogue and the line: held, back after the hold, and sold', async () => {
    const { operator, provider, system } = testSystem()
    const sale = 'left'
    await operator.openSale(sale, { items: [coat(1, 1)], maxActive: 1 })
    const stock = `${system.urls.notifier}/live/sales/${sale}/stock`
    const board = async () => stockBoard.parse(await (await fetch(stock)).json())
    const boardSays = (expected: object) => eventually(async () => expect(await board()).toMatchObject(expected))
    const catalogueSays = (expected: object) =>
      eventually(async () => {
        const response = await fetch(`${system.urls.orderCore}/sales/${sale}/catalogue`)
        expect(publicCatalogue.parse(await response.json()).items).toMatchObject([expected])
      })
    await boardSays({ supply: 'available', items: [{ available: 1 }] })
    const ann = await testSystem().admitted('ann', sale)
    const [ben, cem] = ['ben', 'cem'].map((name) => testSystem().buyer(name, sale))
    await ben?.join()
    await cem?.join()
    // A socket is a presence: otherwise Cem would be admitted in Ben's place.
    const lines = [await ben?.watchLine(), await cem?.watchLine()]
    const { version } = await board()
    const changes = await openSocket(`${stock}/changes?after=${version}`, { schema: stockChange })
    const untilStock = (available: number, soldOut: boolean) =>
      changes.until(({ items }) => items.some((item) => item.available === available && item.soldOut === soldOut))
    const untilInLine = (supply: string) => lines[1]?.until((status) => 'supply' in status && status.supply === supply)

    await provider.behave({ mode: 'fail' })
    const lapsed = await ann.order()
    await Promise.all([untilStock(0, false), untilInLine('held'), boardSays({ supply: 'held' })])
    await catalogueSays({ available: 0, soldOut: false })

    await ann.untilOrderEnded(lapsed.id)
    await Promise.all([untilStock(1, false), boardSays({ supply: 'available', items: [{ available: 1 }] })])
    await provider.behave({ mode: 'ok' })
    await ben?.untilAdmitted()
    // Nobody else is admitted, so that one buyer still waits when all is sold.
    await operator.act(sale, 'pause')
    const bought = await ben?.order()
    if (bought !== undefined) await ben?.untilOrderIs(bought.id, 'confirmed')
    await Promise.all([untilStock(0, true), untilInLine('sold-out'), boardSays({ supply: 'sold-out' })])
    await catalogueSays({ available: 0, soldOut: true })
    for (const socket of [...lines, changes]) socket?.close()
  })

  test('is seen everywhere within two seconds when the last unit is sold, while two hundred other sales are busy', async () => {
    const { operator, system } = testSystem()
    const busy = Array.from({ length: 200 }, (_, index) => `busy-${index}`)
    const totals = new Map<string, number>()
    async function change(sale: string): Promise<void> {
      const total = (totals.get(sale) ?? 1_000) + 1
      const body = { currency: 'EUR', items: [coat(total)] }
      await bodyOf(operator.cores.putCatalogue({ params: { sale }, body }))
      totals.set(sale, total)
    }
    const shares = [0, 1, 2, 3].map((share) => busy.filter((_, index) => index % 4 === share))
    await Promise.all(
      shares.map(async (sales) => {
        for (const sale of sales) await change(sale)
      }),
    )
    let isOver = false
    let changes = 0
    const changing = shares.map(async (sales) => {
      for (let at = 0; !isOver; at += 1) {
        await change(sales[at % sales.length] ?? '')
        changes += 1
      }
    })
    let medians: Times = {}
    // A machine that stalls for seconds shows its own slowness: then the next three sales count.
    for (let round = 1; round <= ROUNDS_MAX && (round === 1 || !isInTime(medians)); round += 1)
      medians = mediansOf(
        await Promise.all([1, 2, 3].map((each) => timeSoldOut(testSystem(), `gone-${round}-${each}`))),
      )
    isOver = true
    await Promise.all(changing)
    process.stderr.write(
      `Beside ${changes} changes of other sales, sold out was seen after ${JSON.stringify(medians)} ms\n`,
    )
    expect(isInTime(medians), JSON.stringify(medians)).toBe(true)
    for (const sale of busy) {
      await eventually(async () => {
        const board = stockBoard.parse(await (await fetch(`${system.urls.notifier}/live/sales/${sale}/stock`)).json())
        expect(board.items).toMatchObject([{ available: totals.get(sale) }])
      })
    }
  })
})
