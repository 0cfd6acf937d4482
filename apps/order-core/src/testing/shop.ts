import { stockAudit } from '@floodgate/contracts'
import { ADMIN_TOKEN, expectProblem } from '@floodgate/testkit/fixtures'
import { expect } from 'vitest'
import { type Answer, call, createTestCore, type TestCore } from './running-core.ts'

/** An item of a catalogue: five units, two for each buyer. */
export function item(sku: string, changes: object = {}) {
  const prices = { listPriceMinor: 2_000, salePriceMinor: 1_000 }
  return { sku, name: `Item ${sku}`, ...prices, total: 5, perBuyerLimit: 2, ...changes }
}

/** The body of an order, by default of one tea. */
export function order(items: readonly object[] = [{ sku: 'tea', quantity: 1 }]) {
  return { items, email: 'buyer@example.org', paymentMethod: 'sim_ok' }
}

export async function expectRefused(answer: Answer, status: number, code: string): Promise<void> {
  await expectProblem(new Response(answer.text, answer), code, status)
}

export interface TestShop {
  readonly core: TestCore
  /** The sale that the calls concern. */
  sale(): string
  /** Begins another sale, with teas and cups. */
  openSale(): Promise<void>
  putCatalogue(items: readonly object[]): Promise<Answer>
  post(token: string | undefined, body?: unknown, key?: string): Promise<Answer>
  audit(): Promise<ReturnType<typeof stockAudit.parse>>
}

/** Runs an order core whose resolver acts within seconds, for one sale after another. */
export async function createTestShop(): Promise<TestShop> {
  const core = await createTestCore({ settings: { COMMIT_SECONDS: '1' } })
  let sales = 0
  const sale = () => `sale-${sales}`
  const putCatalogue = (items: readonly object[]) => core.saveCatalogue(items, sale())
  return {
    core,
    sale,
    putCatalogue,
    openSale: async () => {
      sales += 1
      expect((await putCatalogue([item('tea'), item('cup')])).status).toBe(201)
    },
    post: (token, body = order(), key = crypto.randomUUID()) =>
      call(`${core.url}/orders`, {
        method: 'POST',
        ...(token === undefined ? {} : { token }),
        ...(key === '' ? {} : { key }),
        body,
      }),
    audit: async () =>
      stockAudit.parse((await call(`${core.url}/admin/sales/${sale()}/stock`, { token: ADMIN_TOKEN })).body),
  }
}
