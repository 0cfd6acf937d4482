import { stockAudit } from '@floodgate/contracts'
import { ADMIN_TOKEN, expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type CallResponse, call, createTestCore, type TestCore } from './running-core.ts'

/** An item of a catalogue: five units, two for each buyer. */
export function item(sku: string, changes: object = {}) {
  const prices = { listPriceMinor: 2_000, salePriceMinor: 1_000 }
  return { sku, name: `Item ${sku}`, ...prices, total: 5, perBuyerLimit: 2, ...changes }
}

/** The body of an order, by default of one tea. */
export function order(items: readonly object[] = [{ sku: 'tea', quantity: 1 }]) {
  return { items, email: 'buyer@example.org', paymentMethod: 'sim_ok' }
}

export async function expectRejected(response: CallResponse, status: number, code: string): Promise<void> {
  await expectProblem(new Response(response.text, response), code, status)
}

export interface TestShop {
  readonly core: TestCore
  /** The sale of the current test. */
  sale(): string
  /** Signs an admission to the sale; without a buyer and a slot in `claims`, those of another one each time. */
  sign(claims?: object): Promise<string>
  putCatalogue(items: readonly object[]): Promise<CallResponse>
  post(token: string | undefined, body?: unknown, key?: string): Promise<CallResponse>
  audit(): Promise<ReturnType<typeof stockAudit.parse>>
}

/**
 * Gives the tests of a file one order core, whose resolver acts within seconds, and each of them a sale of its own with
 * teas and cups.
 */
export function withShop(): TestShop {
  let core: TestCore | undefined
  let sales = 0
  const shop: TestShop = {
    get core() {
      if (core === undefined) throw new Error('The order core did not start.')
      return core
    },
    sale: () => `sale-${sales}`,
    sign: (claims) => shop.core.issuer.sign({ sale: shop.sale(), ...claims }),
    putCatalogue: (items) => shop.core.saveCatalogue(items, shop.sale()),
    post: (token, body = order(), key = crypto.randomUUID()) =>
      call(`${shop.core.url}/orders`, {
        method: 'POST',
        ...(token === undefined ? {} : { token }),
        ...(key === '' ? {} : { key }),
        body,
      }),
    audit: async () =>
      stockAudit.parse((await call(`${shop.core.url}/admin/sales/${shop.sale()}/stock`, { token: ADMIN_TOKEN })).body),
  }
  beforeAll(async () => {
    core = await createTestCore({ settings: { COMMIT_SECONDS: '1' } })
  })
  beforeEach(async () => {
    sales += 1
    expect((await shop.putCatalogue([item('tea'), item('cup')])).status).toBe(201)
  })
  afterAll(() => core?.remove())
  return shop
}
