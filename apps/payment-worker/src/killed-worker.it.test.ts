import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())

test('a worker killed between the charge and its record charges once, and announces it after its restart', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  // Long enough for any response: a charge whose response is late is looked up, and never reaches the fail point.
  const env = {
    ...{ ...process.env, ...fixture.settings, GATEWAY_TIMEOUT_MS: '8000' },
    FAIL_POINTS: 'after-charge-before-record=kill',
  }
  const doomed = spawn(process.execPath, [main], { env, stdio: 'ignore' })
  onTestFinished(() => void doomed.kill('SIGKILL'))
  const died = once(doomed, 'exit')
  const order = createOrder()
  await fixture.publish(order.placed())
  expect(await died).toEqual([null, 'SIGKILL'])
  expect(await fixture.charges()).toHaveLength(1)
  expect(await fixture.chargeStatus(order.id)).toBe('started')

  const worker = await fixture.startWorker()
  await eventually(async () => expect(await fixture.chargeStatus(order.id)).toBe('approved'))
  expect(await fixture.charges()).toMatchObject([{ orderId: order.id, status: 'approved' }])
  expect(await fixture.paymentEvents()).toEqual([{ type: 'payment.succeeded.v1', key: order.id, version: 1 }])
  await worker.stop()
})
