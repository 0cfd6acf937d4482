import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'

type Item = PublicCatalogue['items'][number]
type Lines = readonly { readonly sku: string; readonly quantity: number }[]

/** An order takes so many different items. */
const linesMax = 20
/** Fewer than this are worth a figure; more are just "available". */
const fewItems = 50

export const totalOf = (lines: Lines, { items }: PublicCatalogue): number =>
  lines.reduce((sum, line) => sum + line.quantity * (items.find(({ sku }) => sku === line.sku)?.salePriceMinor ?? 0), 0)

export const priceText = (amountMinor: number, currency: string): string =>
  amountMinor === 0 ? 'Free' : formatMoney(amountMinor, currency)

/** Whether there is nothing to pay, whatever the buyer goes on to choose. */
export const isFree = (lines: Lines, catalogue: PublicCatalogue): boolean =>
  lines.length === 0
    ? catalogue.items.every(({ salePriceMinor }) => salePriceMinor === 0)
    : lines.every(({ sku }) => !catalogue.items.some((item) => item.sku === sku && item.salePriceMinor > 0))

/** What was typed as a quantity; NaN for anything but digits: a fraction, a sign, an exponent, a blank. */
export function quantityOf(typed: string): number {
  const quantity = /^\d+$/.test(typed) ? Number(typed) : Number.NaN
  return Number.isSafeInteger(quantity) ? quantity : Number.NaN
}

const isWhole = ({ quantity }: Lines[number]) => Number.isSafeInteger(quantity) && quantity >= 0

/** Whether all quantities are whole numbers, so that there is a total. */
export function areWhole(lines: Lines): boolean {
  return lines.every(isWhole)
}

/** What keeps these lines from being an order, in a sentence; undefined when nothing does. */
export const basketProblem = (lines: Lines, { items }: PublicCatalogue): string | undefined => {
  if (lines.length === 0) return 'Choose at least one item.'
  const broken = lines.find((line) => !isWhole(line))
  if (broken !== undefined) {
    const name = items.find(({ sku }) => sku === broken.sku)?.name ?? broken.sku
    return `How many of “${name}”? Enter a whole number such as 1, or 0 for none.`
  }
  if (lines.length > linesMax) return `Choose at most ${linesMax} different items.`
  const over = lines
    .map((line) => ({ line, item: items.find(({ sku }) => sku === line.sku) }))
    .find(({ line, item }) => item !== undefined && line.quantity > item.perBuyerLimit)
  return over?.item === undefined ? undefined : `At most ${over.item.perBuyerLimit} of “${over.item.name}” per buyer.`
}

/** Says where less is left than is wanted. Others may give it back, so that the order can be tried all the same. */
export const shortageText = (lines: Lines, { items }: PublicCatalogue): string =>
  lines
    .flatMap(({ sku, quantity }) => {
      const item = items.find((each) => each.sku === sku)
      if (item === undefined || item.soldOut || item.available === 0 || !(item.available < quantity)) return []
      return [`Only ${item.available} of “${item.name}” ${item.available === 1 ? 'is' : 'are'} left at the moment.`]
    })
    .join(' ')

export const availabilityText = (item: Item): string => {
  if (item.soldOut) return 'Sold out'
  const limit = item.perBuyerLimit === 1 ? 'one per buyer' : `at most ${item.perBuyerLimit} per buyer`
  if (item.available === 0) return `All taken at the moment, some may come back; ${limit}`
  return item.available < fewItems ? `${item.available} left, ${limit}` : `Available, ${limit}`
}
