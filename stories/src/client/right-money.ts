import { moneyCheck } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'

const SETTLE_MS_MAX = 200_000

/** In the end every charge belongs to one confirmed order or was given back, and every confirmed order has its charge. */
export function expectRightMoney(system: System): Promise<void> {
  return eventually(
    async () => {
      const response = await fetch(`${system.urls.paymentWorker}/admin/money-check`, {
        headers: { authorization: `Bearer ${system.adminToken}` },
      })
      expect(response.status).toBe(200)
      expect(moneyCheck.parse(await response.json())).toMatchObject({ ok: true, findings: [], underWay: 0 })
    },
    { timeoutMs: SETTLE_MS_MAX, intervalMs: 500 },
  )
}
