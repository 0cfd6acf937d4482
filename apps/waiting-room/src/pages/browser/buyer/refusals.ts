import type { PublicCatalogue } from '@floodgate/contracts'
import type { Problem } from '../shared/problem.ts'

/** Why an order was refused, in the buyer's words, with what to do about it. */
export const refusalText = (problem: Problem, { items }: PublicCatalogue): string => {
  const names = problem.skus.map((sku) => items.find((item) => item.sku === sku)?.name ?? sku).join(', ')
  switch (problem.code) {
    case 'over-limit':
      return `That is more than one buyer may have${names === '' ? '' : ` of ${names}`}. Choose fewer.`
    case 'price-changed':
      return 'A price has changed meanwhile. Look at the prices again before you buy.'
    case 'unknown-sku':
      return 'Something you chose is no longer on sale. Choose again.'
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
    default:
      return `${problem.detail} Please try again.`
  }
}
