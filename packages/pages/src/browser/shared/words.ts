import { formatMoney } from '@floodgate/contracts/money'

/** Formats a figure for operators, as their browser does. The texts of the buyer's language format buyers' figures. */
export function figure(value: number): string {
  return new Intl.NumberFormat().format(value)
}

/** Formats an amount for operators, as their browser does. */
export function money(amountMinor: number, currency: string): string {
  return formatMoney(amountMinor, currency)
}
