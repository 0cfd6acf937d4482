import type { PublicVouchers } from '@floodgate/contracts'
import { isPassing, type Problem } from '../shared/problem.ts'

export type VoucherOffer = PublicVouchers['campaigns'][number]

/** The buyer's claim of a voucher: the one chosen last. */
export type VoucherClaim =
  | { readonly kind: 'asked'; readonly campaign: string }
  /** `termsRead`: the vouchers were read since. From the claim on their terms are fixed. */
  | { readonly kind: 'claimed'; readonly campaign: string; readonly termsRead: boolean }
  | { readonly kind: 'rejected'; readonly campaign: string; readonly problem: Problem }

export type VoucherEvent =
  | { readonly kind: 'vouchers'; readonly campaigns: readonly VoucherOffer[] }
  | { readonly kind: 'claim'; readonly campaign: string }
  | { readonly kind: 'claimed'; readonly campaign: string }
  | { readonly kind: 'not-claimed'; readonly campaign: string; readonly problem: Problem }

interface Vouchers {
  readonly vouchers: readonly VoucherOffer[] | undefined
  readonly claim: VoucherClaim | undefined
}

/** Returns the model after an event. A response about another choice than the last one changes nothing. */
export function afterVoucherEvent<Model extends Vouchers>(model: Model, event: VoucherEvent): Model {
  if (event.kind === 'vouchers') {
    const claim = model.claim?.kind === 'claimed' ? { ...model.claim, termsRead: true } : model.claim
    return { ...model, claim, vouchers: event.campaigns }
  }
  if (event.kind === 'claim') return { ...model, claim: { kind: 'asked', campaign: event.campaign } }
  if (model.claim?.campaign !== event.campaign) return model
  if (event.kind === 'claimed')
    return { ...model, claim: { kind: 'claimed', campaign: event.campaign, termsRead: false } }
  if (isPassing(event.problem)) return model
  return { ...model, claim: { kind: 'rejected', campaign: event.campaign, problem: event.problem } }
}

/** Returns what a voucher takes off items at this price: as the order core does, which decides. */
export function discountOf({ discount, minimumMinor }: VoucherOffer, subtotalMinor: number): number {
  if (subtotalMinor < minimumMinor) return 0
  if (discount.kind === 'fixed') return Math.min(discount.amountMinor, subtotalMinor)
  const share = Number((BigInt(subtotalMinor) * BigInt(discount.percent)) / 100n)
  return Math.min(share, discount.capMinor ?? share)
}
