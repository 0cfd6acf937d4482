import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@floodgate/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { noteRefundHints } from './note-refund-hints.ts'
import { claimRefunds, postponeRefund, requestRefunds } from './refund-store.ts'

const MINUTE_MS = 60_000
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.remove())
beforeEach(() => database.pool.query('truncate payments.refunds, payments.part_refunds, payments.charges'))

/** Requests a refund, of a paid order or of one that is over, and leases it. */
async function leased(kind: 'whole' | 'part') {
  const { pool } = database
  const order = randomUUID()
  await pool.query(
    `insert into payments.charges (order_id, key, sale, amount_minor, currency, payment_method, status, provider_charge_id, charge_by)
     values ($1, $1::uuid::text, 'demo', 100, 'EUR', 'pm', 'approved', 'pi', now())`,
    [order],
  )
  const part = kind === 'part' ? { part: { id: randomUUID(), amountMinor: 10 } } : {}
  await requestRefunds(pool, [{ order, ...part, version: 3, traceparent: undefined }])
  const [refund] = await claimRefunds(pool, { max: 1, all: false, onLost: () => undefined })
  if (refund === undefined) throw new Error('no refund was requested')
  return refund
}
const isDue = async () =>
  (await claimRefunds(database.pool, { max: 1, all: false, onLost: () => undefined })).length > 0

test.each(['whole', 'part'] as const)(
  'a hint about a pending %s refund that arrives during its round is followed after it',
  async (kind) => {
    const refund = await leased(kind)
    const later = { afterMs: MINUTE_MS, tries: 0, reference: 're_1' }
    expect(await noteRefundHints(database.pool, [refund.orderId]), 'it is not known to be pending').toBe(false)
    await postponeRefund(database.pool, refund, later)
    expect(await isDue()).toBe(false)
    expect(await noteRefundHints(database.pool, [refund.orderId])).toBe(true)
    const [pending] = await claimRefunds(database.pool, { max: 1, all: false, onLost: () => undefined })
    if (pending === undefined) throw new Error('the hint made nothing due')
    expect(pending).toMatchObject({ id: refund.id, reference: 're_1' })
    await noteRefundHints(database.pool, [refund.orderId])
    await postponeRefund(database.pool, pending, later)
    expect(await isDue()).toBe(true)
  },
)
