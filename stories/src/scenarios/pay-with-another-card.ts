import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import { expectProblem } from '../client/http.ts'
import type { TestSystem } from '../client/test-system.ts'
import { expectEverySlotBack, expectStock } from './expect-stock.ts'

/**
 * Expects that a declined card returns the stock, and that the buyer keeps the turn and may try another card with
 * another key.
 */
export async function payWithAnotherCard(testSystem: TestSystem): Promise<void> {
  const sale = 'declined'
  await testSystem.operator.openSale(sale, { items: [coat(1, 1)] })
  const bob = await testSystem.admitted('bob', sale)

  const declined = await bob.order({ key: 'first-card', paymentMethod: 'sim_declined' })
  expect(await bob.untilOrderEnded(declined.id)).toMatchObject({ status: 'cancelled', cancelReason: 'declined' })
  await expectStock(testSystem, sale, { available: 1, held: 0, sold: 0 })
  expect(await bob.status()).toMatchObject({ state: 'admitted', admission: bob.admission() })

  const bought = await bob.order({ key: 'second-card' })
  expect(bought.id).not.toBe(declined.id)
  await bob.untilOrderIs(bought.id, 'confirmed')
  expectProblem(await bob.tryToOrder({ key: 'third-card' }), 'order-exists')

  await eventually(async () => {
    expect(await testSystem.provider.chargesOf(declined.id)).toMatchObject([{ status: 'declined' }])
    expect(await testSystem.provider.chargesOf(bought.id)).toMatchObject([{ status: 'approved', refundedMinor: 0 }])
    expect(await testSystem.inbox.mailsTo(bob.email)).toHaveLength(2)
  })
  await expectStock(testSystem, sale, { available: 0, held: 0, sold: 1 })
  await expectEverySlotBack(testSystem, sale)
}
