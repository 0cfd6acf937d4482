import { bodyOf, createClient } from '@floodgate/client'
import { type MoneyCheck, paymentWorkerRoutes } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import { sendTo } from './http.ts'

const SETTLE_MS_MAX = 200_000

/** Compares every charge with every order and refund, by the payment worker's money check. */
export function checkMoney({ urls, adminToken }: System): Promise<MoneyCheck> {
  return bodyOf(createClient(paymentWorkerRoutes, { send: sendTo([urls.paymentWorker]), adminToken }).checkMoney())
}

/** Expects that finally every charge belongs to one confirmed order or was refunded, and every such order has its charge. */
export function expectRightMoney(system: System): Promise<void> {
  return eventually(
    async () => expect(await checkMoney(system)).toMatchObject({ ok: true, findings: [], underWay: 0 }),
    { timeoutMs: SETTLE_MS_MAX, intervalMs: 500 },
  )
}
