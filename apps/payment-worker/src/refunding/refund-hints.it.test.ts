import { randomUUID } from 'node:crypto'
import { createTestDatabase, eventually, type TestDatabase } from '@floodgate/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { noteRefundHints } from './note-refund-hints.ts'
import { claimRefunds, postponeRefund, requestRefunds } from './refund-store.ts'

const HOUR_MS = 3_600_000
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
  return await dueNow()
}
const claimed = () => claimRefunds(database.pool, { max: 1, all: false, onLost: () => undefined })
/** Waits for less than a millisecond: times of the table are rounded to it. */
const dueNow = () =>
  eventually(async () => {
    const [refund] = await claimed()
    if (refund === undefined) throw new Error('nothing is due')
    return refund
  })

test.each(['whole', 'part'] as const)(
  'a hint about a pending %s refund that arrives during its round is followed after it',
  async (kind) => {
    const refund = await leased(kind)
    const later = { afterMs: HOUR_MS, tries: 0, reference: 're_1' }
    expect(await noteRefundHints(database.pool, [refund.orderId]), 'it is not known to be pending').toBe(false)
    await postponeRefund(database.pool, refund, later)
    expect(await claimed()).toEqual([])
    expect(await noteRefundHints(database.pool, [refund.orderId])).toBe(true)
    const pending = await dueNow()
    expect(pending).toMatchObject({ id: refund.id, reference: 're_1' })
    await noteRefundHints(database.pool, [refund.orderId])
    await postponeRefund(database.pool, pending, later)
    expect(await dueNow()).toMatchObject({ id: refund.id })
  },
)
