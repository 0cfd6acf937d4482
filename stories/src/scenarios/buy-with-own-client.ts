import { temporaryDirectory } from '@floodgate/testkit'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import type { TestSystem } from '../client/test-system.ts'
import { followPage } from '../own-client/program.ts'
import { expectEverySlotBack, expectStock } from './expect-stock.ts'

/**
 * Lets the client of docs/own-client.md, generated from the documents of the running apps, buy, cancel and give a turn
 * back.
 */
export async function buyWithOwnClient(testSystem: TestSystem): Promise<void> {
  const { operator, provider, system } = testSystem
  const sale = 'own-client'
  await operator.openSale(sale, { items: [coat(3)] })
  const directory = await temporaryDirectory()
  try {
    const { urls } = system
    const { waitingRoom, orderCore } = urls.operations
    const addresses = { 'http://localhost:8100': waitingRoom, 'http://localhost:8200': orderCore }
    const client = await followPage(directory.path, addresses)
    await client.compile()
    const environment = { SALE: sale, WAITING_ROOM_URL: urls.waitingRoom, ORDER_CORE_URL: urls.orderCore }
    const ordered = ['position 1', 'ordered COAT for 12450 EUR (minor units)']
    expect(await client.run(environment)).toEqual([...ordered, 'order confirmed'])
    expect(await client.run(environment, 'leave')).toEqual(['position 1', 'turn given back'])
    // The payment takes long, so that the order can be cancelled.
    await provider.behave({ mode: 'fail' })
    expect(await client.run(environment, 'cancel')).toEqual([...ordered, 'order cancelled'])
    await provider.behave({ mode: 'ok' })
  } finally {
    await directory.remove()
  }
  await expectStock(testSystem, sale, { available: 2, held: 0, sold: 1 })
  await expectEverySlotBack(testSystem, sale)
}
