import { eventually } from '@floodgate/testkit'
import { describe, expect, test } from 'vitest'
import { coat } from './client/coats.ts'
import { withSystem } from './client/test-system.ts'
import { expectEverySlotBack, expectStock } from './scenarios/expect-stock.ts'

/** Long enough for a whole payment on a slow machine. */
const HOLD_SECONDS = 8
/** The provider's delay, unless its behaviour is changed before. */
const HELD_MS = 600_000
const testSystem = withSystem({
  environment: {
    'order-core': { HOLD_SECONDS: String(HOLD_SECONDS), CHARGE_MARGIN_SECONDS: '0.5' },
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

  test('while its payment is in progress is refunded when the payment arrives', async () => {
    const { operator, provider, inbox } = testSystem()
    await operator.openSale('paid-late', { items: [coat(1, 1)] })
    const henry = await testSystem().admitted('henry', 'paid-late')
    await provider.behave({ mode: 'ok', delayMs: HELD_MS })
    const order = await henry.order()
    expect(await henry.untilOrderEnded(order.id)).toMatchObject({ status: 'cancelled', cancelReason: 'expired' })
    await provider.behave({ mode: 'ok' })

    await henry.untilOrderIs(order.id, 'refunded')
    await eventually(async () => {
      const [charge, ...more] = await provider.chargesOf(order.id)
      expect(more).toEqual([])
      expect(charge).toMatchObject({ status: 'approved', refundedMinor: order.totalMinor })
      expect(await inbox.mailsTo(henry.email)).toHaveLength(2)
    })
    await expectStock(testSystem(), 'paid-late', { available: 1, held: 0, sold: 0 })
    await expectEverySlotBack(testSystem(), 'paid-late')
  })
})
