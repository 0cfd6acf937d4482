import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import type { Problem } from '../shared/problem.ts'
import type { Draft } from './model.ts'
import { leftOf } from './refused.ts'

const buyAgain = 'Press “Buy” again if you want it at this price.'

const newPrices = ({ items, currency }: Problem, catalogue: PublicCatalogue): string[] =>
  items.flatMap(({ sku, priceMinor }) => {
    const name = catalogue.items.find((item) => item.sku === sku)?.name ?? sku
    if (priceMinor === undefined) return []
    if (priceMinor === 0) return [`“${name}” is free now.`]
    return [`“${name}” now costs ${formatMoney(priceMinor, currency ?? catalogue.currency)}.`]
  })

const leftText = ({ name, available, soldOut }: ReturnType<typeof leftOf>[number]): string => {
  if (soldOut) return `“${name}” is sold out.`
  if (available === 0) return `Other buyers hold all that is left of “${name}” and are paying.`
  return `Only ${available} of “${name}” ${available === 1 ? 'is' : 'are'} left.`
}

/** The limit is for all orders of a buyer together: what was bought before counts. */
const overLimitText = ({ skus }: Problem, { items }: PublicCatalogue, chosen: Draft['items']): string => {
  const parts = skus.map((sku) => {
    const item = items.find((each) => each.sku === sku)
    const quantity = chosen.find((line) => line.sku === sku)?.quantity
    const name = item === undefined ? sku : `“${item.name}”`
    if (item === undefined || quantity === undefined || quantity > item.perBuyerLimit)
      return `That is more than one buyer may have of ${name}. Choose fewer.`
    if (quantity === 1) return `You have bought as many of ${name} as one buyer may have.`
    return `Together with what you have bought already, that is more of ${name} than one buyer may have (${item.perBuyerLimit}). Choose fewer, or none.`
  })
  return parts.length === 0 ? 'That is more than one buyer may have. Choose fewer.' : parts.join(' ')
}

/** Why an order was refused, in the buyer's words, with what to do about it. */
export const refusalText = (problem: Problem, catalogue: PublicCatalogue, chosen: Draft['items'] = []): string => {
  switch (problem.code) {
    case 'over-limit':
      return overLimitText(problem, catalogue, chosen)
    case 'price-changed':
      return ['The price has changed, and nothing was ordered.', ...newPrices(problem, catalogue), buyAgain].join(' ')
    case 'sold-out':
      return [...leftOf(problem, catalogue).map(leftText), 'Nothing was ordered: choose again.'].join(' ')
    case 'unknown-sku':
      return 'Something you chose is no longer on sale, and nothing was ordered. Choose again.'
    case 'order-abandoned':
      return 'The shop could not complete your order in time, and nothing was charged. Your turn is kept: please buy again.'
    case 'key-reused':
      return 'This order was changed after it had been sent. Please buy again.'
    case 'invalid-request':
      if (problem.errors.some(({ pointer }) => pointer === '/paymentMethod'))
        return 'This order is not free any more. Look at the prices again, and choose how to pay.'
      return problem.errors.some(({ pointer }) => pointer.includes('email'))
        ? 'We cannot send mail to this e-mail address. Please look at it again.'
        : 'The shop did not understand the order. Look at what you filled in, then try again.'
    case 'too-many-declined':
      return 'Every card was declined, so this turn is over. Join the line again to try once more.'
    case 'admission-revoked':
      return 'Your turn was given back, so nothing was ordered. Join the line again to buy.'
    default: {
      const sentence = /[.!?]$/.test(problem.detail) ? problem.detail : `${problem.detail}.`
      return problem.retryable ? `${sentence} Please try again.` : sentence
    }
  }
}
