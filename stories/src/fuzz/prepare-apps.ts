import type { AppName } from '@floodgate/dev/system'
import { coat } from '../client/coats.ts'
import type { TestSystem } from '../client/test-system.ts'
import type { FuzzOptions } from './run-schemathesis.ts'

/** Values for requests to an app that must exist there. */
type Prepared = Pick<FuzzOptions, 'bearers' | 'values' | 'valuesOf'>

const SALE = 'fuzz'
/** The sale with waiting buyers. */
const FULL_SALE = 'full'
/** The sale that requests create, open, close … */
const OPERATED_SALES = ['operated-1', 'operated-2', 'operated-3', 'operated-4']
const COAT = coat(1_000_000, 1_000)
const GIFT = { ...COAT, sku: 'GIFT', salePriceMinor: 0 }
/** Buyers who can each place one order, or leave once. */
const BUYERS = 30

/** Opens sales and prepares buyers: some wait, some are admitted, some have an unpaid order. */
export async function prepareApps(testSystem: TestSystem): Promise<Readonly<Record<AppName, Prepared>>> {
  const { operator, provider, system } = testSystem
  await provider.behave({ mode: 'fail' })
  await operator.openSale(SALE, { items: [COAT, GIFT], maxActive: 10_000, admitPerSecond: 1_000 })
  await operator.openSale(FULL_SALE, { items: [COAT], maxActive: 1 })
  const several = (name: string) =>
    Promise.all(Array.from({ length: BUYERS }, (_, n) => testSystem.admitted(`${name}-${n}`, SALE)))
  const [inside, leavers, orderers] = await Promise.all([several('inside'), several('leaver'), several('orderer')])
  const [owner, canceller] = await Promise.all([
    testSystem.admitted('owner', SALE),
    testSystem.admitted('canceller', SALE),
  ])
  const waiting = testSystem.buyer('waiting', FULL_SALE)
  await testSystem.admitted('first', FULL_SALE)
  await waiting.join()
  const read = (await owner.order()).id
  const cancelled = (await canceller.order()).id
  const orders = [read, cancelled]

  const operated = { 'path.sale': OPERATED_SALES }
  const operators = { operator: [system.adminToken] }
  const acts = ['open', 'pause', 'resume', 'close', 'reopen'].map((act) => `POST /admin/sales/{sale}/${act}`)
  const letters = {
    'path.group': ['waiting-room.slots', 'order-core.saga', 'payment-worker.charges', 'notifier.mails'],
  }
  return {
    'waiting-room': {
      bearers: {
        ...operators,
        'GET /sales/{sale}/ticket': [...inside, waiting].map((buyer) => buyer.ticket()),
        'DELETE /sales/{sale}/ticket': leavers.map((buyer) => buyer.ticket()),
        'GET /sales/{sale}/ended-pass': inside.map((buyer) => buyer.ticket()),
      },
      values: { 'path.sale': [SALE, FULL_SALE], ...letters },
      valuesOf: Object.fromEntries(['PUT /admin/sales/{sale}', ...acts].map((name) => [name, operated])),
    },
    'order-core': {
      bearers: {
        ...operators,
        'POST /orders': orderers.map((buyer) => buyer.admission()),
        'GET /orders': [owner.admission()],
        'GET /orders/{id}': [owner.admission()],
        'DELETE /orders/{id}': [canceller.admission()],
      },
      values: {
        'path.sale': [SALE],
        'path.id': orders,
        'path.order': orders,
        'body.items[*].sku': [COAT.sku, GIFT.sku],
        'body.paymentMethod': ['sim_ok', 'sim_declined'],
        ...letters,
      },
      valuesOf: {
        'GET /orders/{id}': { 'path.id': [read] },
        'DELETE /orders/{id}': { 'path.id': [cancelled] },
        'PUT /admin/sales/{sale}/catalogue': operated,
      },
    },
    'payment-worker': { bearers: operators, values: { 'path.order': orders, ...letters }, valuesOf: {} },
    notifier: { bearers: operators, values: { 'path.order': orders, 'path.id': orders, ...letters }, valuesOf: {} },
  }
}
