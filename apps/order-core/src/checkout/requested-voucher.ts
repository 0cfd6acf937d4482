import type { Admission } from '@floodgate/admission'
import type { OrderLine, OrderRequest } from '@floodgate/contracts'
import { subtotalMinorOf } from '../order/order.ts'
import type { HeldVoucher } from '../stock/hold.ts'
import { discountOf, freeUpToMinor } from '../vouchers/discount.ts'
import type { FindVoucher, FoundVoucher } from '../vouchers/find-vouchers.ts'
import type { VoucherRejection } from './outcome.ts'

/** What the ledger has of the voucher that a request names. */
interface RequestedVoucher {
  /** Why it cannot start an order now. */
  readonly rejection: VoucherRejection | undefined
  /** Undefined: there is no such campaign. */
  readonly held: HeldVoucher | undefined
  /** Returns what it takes off lines at the prices of the ledger. */
  discountOf(lines: readonly OrderLine[]): number
}

/** Reads the buyer's voucher that a request names. Undefined: it names none. */
export async function readRequestedVoucher(
  findVoucher: FindVoucher,
  { admission: { sale, buyer }, body }: { readonly admission: Admission; readonly body: OrderRequest },
): Promise<RequestedVoucher | undefined> {
  if (body.voucher === undefined) return undefined
  const found = await findVoucher({ sale, buyer, campaign: body.voucher })
  const { campaign } = found
  return {
    rejection: judgeVoucher(found),
    held: campaign && { minimumMinor: campaign.minimumMinor, freeUpToMinor: freeUpToMinor(campaign.discount) },
    discountOf: (lines) => (campaign === undefined ? 0 : discountOf(campaign.discount, subtotalMinorOf(lines))),
  }
}

/** The hold, which knows the prices, judges the minimum; and the commit decides which of two orders gets the voucher. */
function judgeVoucher({ voucher, campaign, isValid }: FoundVoucher): VoucherRejection | undefined {
  if (voucher === undefined || campaign === undefined) return { kind: 'voucher-unknown' }
  if (voucher.state !== 'issued') return { kind: 'voucher-used', state: voucher.state, order: voucher.order }
  if (isValid) return undefined
  return { kind: 'voucher-not-valid', validFrom: campaign.validFrom, validUntil: campaign.validUntil }
}
