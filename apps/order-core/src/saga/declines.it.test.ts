import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OrderFact } from '../order/decide.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'

let saga: TestSaga
beforeEach(async () => {
  saga = await createTestSaga()
})
afterEach(() => saga.ledger.remove())

describe('a slot whose payments are declined', () => {
  it('ends with the last decline it may have, however many processes handled the earlier ones; no other slot ends', async () => {
    const decline = async (slot: string) => {
      const [order] = await saga.ledger.place([{ buyer: 'ann', skus: ['apple'], slot }])
      // Another process, with no state from before.
      await saga.createProcess().apply([{ order: String(order), fact: 'payment-declined' }])
      return String(order)
    }
    const declined = [await decline('one'), await decline('one'), await decline('other')]
    expect(await saga.ledger.statuses()).toEqual({ 'cancelled(declined)': 3 })
    const last = await decline('one')
    expect(await saga.ledger.statuses()).toEqual({ 'cancelled(declined)': 3, 'cancelled(declined-final)': 1 })
    expect(saga.settled.map(({ order, releaseSlot }) => [order, releaseSlot])).toEqual([
      ...declined.map((order) => [order, true]),
      [last, false],
    ])
    const [, announced] = await saga.eventsOf(last)
    expect(JSON.parse(announced?.data ?? '')).toMatchObject({ slot: 'one', reason: 'declined-final' })
    // Delivered twice it changes nothing.
    await saga.createProcess().apply([{ order: last, fact: 'payment-declined' }])
    expect(await saga.eventsOf(last)).toHaveLength(2)
    expect(await saga.ledger.wrongUnits()).toEqual([])
  })

  it('names the address with the first decline of a slot only, so that declines are mailed once; other ends are mailed', async () => {
    const process = saga.createProcess()
    const end = async (slot: string, fact: OrderFact) => {
      const [order = ''] = await saga.ledger.place([{ buyer: 'ann', skus: ['apple'], slot }])
      await process.apply([{ order, fact }])
      return JSON.parse((await saga.eventsOf(order)).at(-1)?.data ?? '').sealedEmail
    }
    expect([await end('one', 'payment-declined'), await end('one', 'payment-declined')]).toEqual(['sealed', ''])
    expect(await end('one', 'payment-declined'), 'also the last').toBe('')
    expect(await end('two', 'payment-declined')).toBe('sealed')
    expect([await end('two', 'payment-succeeded')]).toEqual(['sealed'])
  })

  it('names it with the last decline where the first one is the last', async () => {
    const order = await saga.placeOne()
    await saga.createProcess({ declinedMax: 1 }).apply([{ order, fact: 'payment-declined' }])
    const announced = JSON.parse((await saga.eventsOf(order)).at(-1)?.data ?? '')
    expect(announced).toMatchObject({ reason: 'declined-final', sealedEmail: 'sealed' })
  })
})
