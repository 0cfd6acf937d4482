import { expect, test } from 'vitest'
import { minorAmountOf, stripeAmountOf } from './amounts.ts'

test.each([
  ['two digits as they are', 1_250, 'EUR', 1_250],
  ['the forint with two digits', 1_250, 'HUF', 1_250],
  ['a currency without a minor unit as it is', 1_250, 'JPY', 1_250],
  ['the won, too', 1_250, 'KRW', 1_250],
  ['the krona with two digits that are zero', 5, 'ISK', 500],
  ['the shilling, too', 5, 'UGX', 500],
  ['the ariary without digits', 1_200, 'MGA', 12],
  ['three digits that end in zero', 5_120, 'KWD', 5_120],
])('an amount is charged: %s', (_, amountMinor, currency, amount) => {
  expect(stripeAmountOf(amountMinor, currency)).toBe(amount)
  expect(minorAmountOf(amount, currency)).toBe(amountMinor)
})

test.each([
  ['three digits that do not end in zero', 5_124, 'KWD'],
  ['a part of an ariary', 1_250, 'MGA'],
  ['more than can be counted exactly', Number.MAX_SAFE_INTEGER, 'ISK'],
])('an amount that Stripe cannot charge has no form: %s', (_, amountMinor, currency) => {
  expect(stripeAmountOf(amountMinor, currency)).toBeUndefined()
})
