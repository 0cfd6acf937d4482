import { CURRENCY_DIGITS, decimalAmount, formatMoney } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { renderMail } from './render-mail.ts'

const AMOUNTS = [1, 10, 1_000, 10_001, 1_999_000, Number.MAX_SAFE_INTEGER]
const mailOf = (amountMinor: number, currency: string) =>
  renderMail({
    ...{
      kind: 'confirmed',
      order: '6f0ef8b2-6d0c-8f0c-8f0c-6f0ef8b26d0c',
      sale: 's',
      currency,
      totalMinor: amountMinor,
    },
    items: [{ sku: 'tea', quantity: 1, priceMinor: amountMinor }],
  })

it.each([...CURRENCY_DIGITS.keys()])('the mail states the amount that the provider charged, in %s', (currency) => {
  for (const amountMinor of AMOUNTS) {
    const paid = /Total paid: (.*)/.exec(mailOf(amountMinor, currency).text)?.[1] ?? ''
    expect(paid).toBe(formatMoney(amountMinor, currency, 'en'))
    expect(paid.replace(/[^0-9.]/g, '').replace(/^\.+/, '')).toBe(decimalAmount(amountMinor, currency))
  }
})
