import { CURRENCY_DIGITS, decimalAmount, formatMoney } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { renderMail } from './templates.ts'

const AMOUNTS = [1, 10, 1_000, 10_001, 1_999_000, Number.MAX_SAFE_INTEGER]
const mailOf = (amountMinor: number, currency: string) =>
  renderMail({
    ...{ kind: 'confirmed', order: 'o', sale: 's', currency, totalMinor: amountMinor },
    items: [{ sku: 'tea', quantity: 1, priceMinor: amountMinor }],
  })

it.each([...CURRENCY_DIGITS.keys()])('the mail says what the provider was told to take, in %s', (currency) => {
  for (const amountMinor of AMOUNTS) {
    const paid = /Paid: (.*)/.exec(mailOf(amountMinor, currency).text)?.[1] ?? ''
    expect(paid).toBe(formatMoney(amountMinor, currency, 'en'))
    expect(paid.replace(/[^0-9.]/g, '').replace(/^\.+/, '')).toBe(decimalAmount(amountMinor, currency))
  }
})

it('nothing to pay is said in words', () => {
  const { text, html } = mailOf(0, 'EUR')
  for (const words of ['there is nothing to pay', '1 × tea, free', 'Paid: nothing']) {
    expect(text).toContain(words)
    expect(html).toContain(words)
  }
  expect(text).not.toContain('payment has arrived')
})
