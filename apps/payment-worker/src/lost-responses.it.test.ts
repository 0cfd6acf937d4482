import { createTestDatabase, eventually, loseResponses, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimOpenCharges, giveBackCharges } from './charging/charge-leases.ts'
import { createChargeOpener } from './charging/charge-opener.ts'
import { type OrderToCharge, openCharges } from './charging/charge-store.ts'
import { createDropped } from './dropped.ts'
import { claimRefunds, giveBackRefunds, requestRefunds } from './refunding/refund-store.ts'
import { createOrder } from './testing/fixture.ts'

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase({ connectionsMax: 4 })
  pool = database.pool
})
afterAll(() => database.remove())

const nothing = () => undefined
const claimed = async () =>
  (await claimOpenCharges(pool, { awaiting: 'provider', max: 10, all: false, onLost: nothing })).map(idOf)
const refunded = async () => (await claimRefunds(pool, { max: 10, all: false, onLost: nothing })).map(idOf)
const orderToCharge = (): OrderToCharge => {
  const at = new Date().toISOString()
  const id = crypto.randomUUID()
  const common = { order: id, sale: 'demo', buyer: 'b', slot: 's', items: [], totalMinor: 100, currency: 'EUR' }
  return { ...common, createdAt: at, holdExpiresAt: at, chargeBy: at, paymentMethod: 'sim_ok', traceparent: undefined }
}
const idOf = ({ orderId }: { orderId: string }) => orderId

it('a charge opened by a statement whose response was lost is due when its event is repeated', async () => {
  const dropped = createDropped((orders) => giveBackCharges(pool, orders))
  const order = orderToCharge()
  const isLossy = { now: true }
  const lossy = loseResponses(pool, /^insert/)
  const open = createChargeOpener({
    pool: new Proxy(pool, { get: (_, name) => Reflect.get(isLossy.now ? lossy : pool, name) }),
    dropped,
  })
  await expect(open([order])).rejects.toThrow('Connection terminated')
  isLossy.now = false
  expect([await open([order]), await claimed()]).toEqual([[], []])
  await dropped.giveBack()
  expect(await claimed()).toEqual([order.order])
  // Known orders of a later repetition belong to another process.
  await open([order])
  await dropped.giveBack()
  expect(await claimed()).toEqual([])
})

it('charges and refunds of a claim whose commit response was lost are due at once, and those of a lost claim were never leased', async () => {
  const { id } = createOrder()
  await openCharges(pool, [{ ...orderToCharge(), order: id }])
  await giveBackCharges(pool, [id])
  await requestRefunds(pool, [{ order: id, version: 3, traceparent: undefined }])

  const lost: string[] = []
  const claim = {
    awaiting: 'provider' as const,
    max: 10,
    all: false,
    onLost: (orders: readonly string[]) => void lost.push(...orders),
  }
  await expect(claimOpenCharges(loseResponses(pool, /^with|^update/), claim)).rejects.toThrow()
  await expect(claimRefunds(loseResponses(pool, /^with|^update/), claim)).rejects.toThrow()
  // The server ends their transactions when it detects that the connections are gone.
  await eventually(async () => expect(await claimed()).toEqual([id]))
  await eventually(async () => expect(await refunded()).toEqual([id]))
  expect(lost).toEqual([])

  await Promise.all([giveBackCharges(pool, [id]), giveBackRefunds(pool, [id])])
  await expect(claimOpenCharges(loseResponses(pool, /^commit/), claim)).rejects.toThrow()
  await expect(claimRefunds(loseResponses(pool, /^commit/), claim)).rejects.toThrow()
  expect([lost, await claimed(), await refunded()]).toEqual([[id, id], [], []])
  await Promise.all([giveBackCharges(pool, lost), giveBackRefunds(pool, lost)])
  expect([await claimed(), await refunded()]).toEqual([[id], [id]])
})
