import { minorUnitDigits } from '@floodgate/contracts'

/**
 * Digits of the amounts of Stripe, where they differ from the minor unit of ISO 4217
 * (docs.stripe.com/currencies#special-cases): krona and shilling keep two, which are zero; the ariary has none.
 */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
])

/** Amounts with three digits end in zero. */
const LONGEST_DIGITS = 3

/** Returns an amount as Stripe takes it; undefined for one that it cannot charge, such as 1.255 KWD. */
export function stripeAmountOf(amountMinor: number, currency: string): number | undefined {
  const digits = minorUnitDigits(currency)
  const stripeDigits = DIGITS.get(currency) ?? digits
  const amount =
    stripeDigits >= digits ? amountMinor * 10 ** (stripeDigits - digits) : amountMinor / 10 ** (digits - stripeDigits)
  if (!Number.isSafeInteger(amount)) return undefined
  return stripeDigits === LONGEST_DIGITS && amount % 10 !== 0 ? undefined : amount
}

/** Returns an amount of Stripe in the minor unit of ISO 4217. */
export function minorAmountOf(amount: number, currency: string): number {
  const digits = minorUnitDigits(currency)
  const stripeDigits = DIGITS.get(currency) ?? digits
  return stripeDigits >= digits ? amount / 10 ** (stripeDigits - digits) : amount * 10 ** (digits - stripeDigits)
}
