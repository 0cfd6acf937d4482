import { formatMoney } from '@floodgate/contracts/money'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import { reasonOf } from '../problem-texts.ts'
import { discountOf, type VoucherClaim, type VoucherOffer } from '../voucher.ts'

interface State {
  readonly vouchers?: readonly VoucherOffer[] | undefined
  readonly claim?: VoucherClaim | undefined
}

/** Builds the choice of a voucher. A choice claims the voucher, and counts once it is claimed. Hidden without vouchers. */
export function voucherChoice(options: {
  readonly chosen: string | undefined
  readonly currency: string
  onChoose(campaign: string): void
  readonly texts: Texts
}) {
  const { texts, currency } = options
  const words = texts.pages.checkout.voucher
  const money = (amount: number) => formatMoney(amount, currency, texts.language)
  const status = h('p', { role: 'status', class: 'small' })
  const rows = h('div', {})
  const element = h('fieldset', { hidden: true }, h('legend', {}, words.legend), rows, status)
  let wanted = options.chosen
  let state: State = {}
  let built = ''

  const labelOf = ({ name: given, discount }: VoucherOffer): string => {
    const name = isolated(given, texts.direction)
    if (discount.kind === 'fixed') return words.amount({ name, price: money(discount.amountMinor) })
    const value = discount.percent
    return discount.capMinor === undefined
      ? words.percent({ name, value })
      : words.capped({ name, value, price: money(discount.capMinor) })
  }
  const hintOf = ({ available, minimumMinor, campaign }: VoucherOffer): string => {
    if (available === 0 && campaign !== wanted) return words.gone
    return minimumMinor === 0 ? '' : words.minimum({ price: money(minimumMinor) })
  }
  const radio = (campaign: string | undefined, label: string, hint: string) =>
    h(
      'label',
      { class: 'choice' },
      h('input', {
        type: 'radio',
        name: 'voucher',
        value: campaign ?? '',
        checked: campaign === wanted,
        // Before the form hears of it and computes the price.
        oninput: () => {
          wanted = campaign
          setText(status, claimText())
          if (campaign !== undefined) options.onChoose(campaign)
        },
      }),
      h('span', {}, label, ...(hint === '' ? [] : [h('small', {}, hint)])),
    )

  const claimText = (): string => {
    const { claim } = state
    if (wanted === undefined || claim?.campaign !== wanted) return ''
    if (claim.kind === 'rejected') return `${reasonOf(claim.problem, texts)}.`
    return claim.kind === 'asked' ? words.claiming : words.yours
  }
  /** Returns the chosen voucher, once it is the buyer's. */
  const claimed = (): VoucherOffer | undefined => {
    const { claim, vouchers = [] } = state
    if (claim?.kind !== 'claimed' || claim.campaign !== wanted) return undefined
    return vouchers.find(({ campaign }) => campaign === wanted)
  }
  return {
    element,
    /** Returns what the voucher takes off items at this price. */
    discountOn: (subtotalMinor: number): number => {
      const voucher = claimed()
      return voucher === undefined ? 0 : discountOf(voucher, subtotalMinor)
    },
    campaign: (): string | undefined => claimed()?.campaign,
    /** Says why items at this price cannot be ordered with the choice yet; empty where they can. */
    complaintAbout: (subtotalMinor: number): string => {
      if (state.claim?.kind === 'asked' && state.claim.campaign === wanted) return words.claiming
      const voucher = claimed()
      if (voucher === undefined || subtotalMinor >= voucher.minimumMinor) return ''
      return words.belowMinimum({ price: money(voucher.minimumMinor) })
    },
    /** Returns whether vouchers or claim have changed. */
    update: (now: State): boolean => {
      const { vouchers = [] } = now
      const isNew = now.vouchers !== state.vouchers || now.claim !== state.claim
      state = now
      element.hidden = vouchers.length === 0
      const shape = JSON.stringify(vouchers.map((each) => [each.campaign, labelOf(each), hintOf(each)]))
      if (shape !== built) {
        built = shape
        const choices = vouchers.map((each) => radio(each.campaign, labelOf(each), hintOf(each)))
        rows.replaceChildren(radio(undefined, words.none, ''), ...choices)
      }
      setText(status, claimText())
      return isNew
    },
  }
}
