import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@floodgate/client'
import { orderCoreRoutes } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import { eventually } from '@floodgate/testkit'
import { describe, expect, test } from 'vitest'
import type { Buyer } from '../client/buyer.ts'
import { coat } from '../client/coats.ts'
import { expectProblem, sendTo } from '../client/http.ts'
import { withSystem } from '../client/test-system.ts'

const GIVERS = 8
/** Long enough for a slot to be passed on too early. */
const LOOK_MS = 12_000
const ADMITTED_MS_MAX = 300_000

const testSystem = withSystem()
let sales = 0

interface Fault {
  readonly name: string
  beforeLeaving?(system: System): void
  afterLeaving?(system: System): Promise<unknown>
  end?(system: System): void
}

const signalCore = (replica: number, signal: 'SIGSTOP' | 'SIGCONT') => (system: System) => {
  const pid = system.pidsOf('order-core')[replica]
  if (pid === undefined) throw new Error(`Order core ${replica} is down.`)
  process.kill(pid, signal)
}
const stopCore = (replica: number): Fault => ({
  name: `order core ${replica} stands still`,
  beforeLeaving: signalCore(replica, 'SIGSTOP'),
  end: signalCore(replica, 'SIGCONT'),
})
const killBoth = (app: 'order-core' | 'waiting-room'): Fault => ({
  name: `both processes of ${app} are killed`,
  afterLeaving: (system) => Promise.all([system.kill(app, { replica: 0 }), system.kill(app, { replica: 1 })]),
})

const slotOf = (buyer: Buyer): string =>
  JSON.parse(Buffer.from(buyer.admission().split('.')[1] ?? '', 'base64url').toString()).jti

describe('turns that are given back while their buyers still order never count twice, while', () => {
  test.each([stopCore(0), stopCore(1), killBoth('order-core'), killBoth('waiting-room')])('$name', async (fault) => {
    const { system, operator } = testSystem()
    const sale = `turns-${++sales}`
    await operator.openSale(sale, { items: [coat(100, 1)], maxActive: GIVERS, claimSeconds: 0 })
    const named = (name: string) =>
      Array.from({ length: GIVERS }, (_, index) => testSystem().buyer(`${name}-${index}`, sale))
    const [givers, nexts] = [named('giver'), named('next')]
    for (const buyer of givers) await buyer.join()
    await Promise.all(givers.map((giver) => giver.untilAdmitted()))
    for (const buyer of nexts) await buyer.join()
    const cores = system.urlsOf('order-core').map((url) => createClient(orderCoreRoutes, { send: sendTo([url]) }))
    const orderAt = (giver: Buyer, core: number) =>
      cores[core]
        ?.placeOrder({
          ...{ bearer: giver.admission(), headers: { 'idempotency-key': `${giver.name}-order` } },
          body: { items: [{ sku: 'COAT', quantity: 1 }], email: giver.email, paymentMethod: 'sim_ok' },
        })
        .catch(() => undefined)

    fault.beforeLeaving?.(system)
    await Promise.all(givers.map((giver) => giver.leave()))
    await fault.afterLeaving?.(system)
    // A stalled process reads this request first once it resumes.
    const tried = givers.slice(0, GIVERS / 2).flatMap((giver) => [orderAt(giver, 0), orderAt(giver, 1)])
    const through = nexts.map((next) => next.untilAdmitted())
    await Promise.race([...through, delay(LOOK_MS)])
    tried.push(...givers.flatMap((giver) => [orderAt(giver, 0), orderAt(giver, 1)]))
    await delay(1_000)
    fault.end?.(system)
    await Promise.all(tried)

    const responses = await Promise.all(givers.map((giver) => giver.insistOnOrder()))
    // Each slot returns once: with its order, or because its admission is void, and then it has no order.
    const reasons = await eventually(
      async () => {
        const returned = (await operator.log(sale)).filter(({ kind }) => kind === 'returned')
        return givers.map((giver) => {
          const ofSlot = returned.filter(({ slot }) => slot === slotOf(giver))
          if (ofSlot.length !== 1) throw new Error(`The slot of ${giver.name} returned ${ofSlot.length} times.`)
          return ofSlot[0]?.reason
        })
      },
      { timeoutMs: ADMITTED_MS_MAX },
    )
    process.stderr.write(`${fault.name}: ${reasons.join(', ')}\n`)
    for (const [index, response] of responses.entries()) {
      if (reasons[index] === 'left') expectProblem(response, 'admission-revoked')
      else expect([response.status, reasons[index]]).toEqual([201, 'finished'])
    }
    await Promise.all(through)
    await system.untilReady()
  })
})
