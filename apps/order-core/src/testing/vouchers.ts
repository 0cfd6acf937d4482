import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { expect } from 'vitest'
import { type CallResponse, call } from './running-core.ts'
import type { TestShop } from './shop.ts'

/** A campaign: 300 off, two vouchers. */
export const campaignBody = { name: 'Spring', discount: { kind: 'fixed', amountMinor: 300 }, total: 2 }

/** Requests about the vouchers of the current test's sale. */
export function vouchersOf(shop: TestShop) {
  const at = (path: string) => `${shop.core.url}${path}`
  return {
    put: (changes: object = {}, campaign = 'spring', headers: Record<string, string> = {}): Promise<CallResponse> =>
      call(at(`/admin/sales/${shop.sale()}/vouchers/${campaign}`), {
        ...{ method: 'PUT', token: ADMIN_TOKEN, headers },
        body: { ...campaignBody, ...changes },
      }),
    read: (campaign = 'spring'): Promise<CallResponse> =>
      call(at(`/admin/sales/${shop.sale()}/vouchers/${campaign}`), { token: ADMIN_TOKEN }),
    list: (): Promise<CallResponse> => call(at(`/admin/sales/${shop.sale()}/vouchers`), { token: ADMIN_TOKEN }),
    show: (): Promise<CallResponse> => call(at(`/sales/${shop.sale()}/vouchers`)),
    claim: (token: string | undefined, campaign = 'spring'): Promise<CallResponse> =>
      call(at(`/sales/${shop.sale()}/vouchers/${campaign}`), {
        method: 'POST',
        ...(token === undefined ? {} : { token }),
      }),
    /** Signs an admission of a buyer who has a voucher; in other slots by `claims`. */
    async owner(claims: { sub: string } = { sub: crypto.randomUUID() }): Promise<string> {
      const token = await shop.sign(claims)
      expect([200, 201]).toContain((await this.claim(token)).status)
      return token
    },
    async counts(): Promise<{ issued: number; reserved: number; used: number } | undefined> {
      const { campaigns } = (await this.list()).body as {
        campaigns: { issued: number; reserved: number; used: number }[]
      }
      return campaigns[0]
    },
  }
}
