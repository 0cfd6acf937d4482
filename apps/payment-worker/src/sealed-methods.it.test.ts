import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())

const otherKey = Buffer.alloc(32, 6)
const metricsOf = async (worker: { opsUrl(): string }) => (await fetch(`${worker.opsUrl()}/metrics`)).text()
const settled = (order: string, status: string) =>
  eventually(async () => expect(await fixture.chargeStatus(order)).toBe(status))

test('orders are charged whichever version of the event tells of them', async () => {
  const worker = await fixture.startWorker()
  const [sealed, clear, declined] = [createOrder(), createOrder(), createOrder({ paymentMethod: 'sim_declined' })]
  await fixture.publish(sealed.placed(), clear.placedInClear(), declined.placed(), sealed.placed())
  await settled(sealed.id, 'approved')
  await settled(clear.id, 'approved')
  await settled(declined.id, 'declined')
  await worker.stop()
})

test('orders sealed with a key that is missing wait for a worker with the key, others do not', async () => {
  const [waiting, other] = [createOrder(), createOrder()]
  const worker = await fixture.startWorker()
  await fixture.publish(waiting.placed(otherKey), other.placed())
  await settled(other.id, 'approved')
  await eventually(async () => {
    expect(await metricsOf(worker)).toMatch(
      /floodgate_payment_methods_unopened_total\{cause="key-missing"[^}]*\} [1-9]/,
    )
  })
  await worker.stop()
  expect(await fixture.chargeStatus(waiting.id)).toBeUndefined()

  const ring = `${fixture.settings.PAYMENT_KEY},${otherKey.toString('base64url')}`
  const newWorker = await fixture.startWorker({ PAYMENT_KEY: ring })
  await settled(waiting.id, 'approved')
  expect(await metricsOf(newWorker)).not.toContain('floodgate_dead_letters_total{')
  await newWorker.stop()
})

test('what no key opens becomes a dead letter, and the orders beside it are charged', async () => {
  const broken = createOrder()
  const good = Array.from({ length: 5 }, () => createOrder())
  const worker = await fixture.startWorker()
  await fixture.publish(broken.placedDamaged(), ...good.map((order) => order.placed()))
  for (const order of good) await settled(order.id, 'approved')
  await eventually(async () =>
    expect(await metricsOf(worker)).toMatch(/floodgate_dead_letters_total\{group="payment-worker.charges"[^}]*\} 1\n/),
  )
  expect(await fixture.chargeStatus(broken.id)).toBeUndefined()
  await worker.stop()
})
