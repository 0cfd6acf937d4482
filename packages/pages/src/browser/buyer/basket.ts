import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'

type Item = PublicCatalogue['items'][number]
type Lines = readonly { readonly sku: string; readonly quantity: number }[]

/** Maximum number of different items in an order. */
const LINES_MAX = 20
/** Below this number the page shows the figure; above it shows "available". */
const FEW_ITEMS = 50

export function totalOf(lines: Lines, { items }: PublicCatalogue): number {
  return lines.reduce(
    (sum, line) => sum + line.quantity * (items.find(({ sku }) => sku === line.sku)?.salePriceMinor ?? 0),
    0,
  )
}

export function priceText(amountMinor: number, currency: string, texts: Texts): string {
  return amountMinor === 0 ? texts.pages.checkout.free : formatMoney(amountMinor, currency, texts.language)
}

/** Tells whether nothing is to be paid, whatever the buyer still chooses. */
export function isFree(lines: Lines, catalogue: PublicCatalogue): boolean {
  return lines.length === 0
    ? catalogue.items.every(({ salePriceMinor }) => salePriceMinor === 0)
    : lines.every(({ sku }) => !catalogue.items.some((item) => item.sku === sku && item.salePriceMinor > 0))
}

/** Parses a typed quantity; NaN for anything but digits: a fraction, a sign, an exponent, a blank. */
export function quantityOf(typed: string): number {
  const quantity = /^\d+$/.test(typed) ? Number(typed) : Number.NaN
  return Number.isSafeInteger(quantity) ? quantity : Number.NaN
}

const isWhole = ({ quantity }: Lines[number]) => Number.isSafeInteger(quantity) && quantity >= 0

/** Tells whether all quantities are whole numbers, so that there is a total. */
export function areWhole(lines: Lines): boolean {
  return lines.every(isWhole)
}

/** Returns why these lines are not an order, as a sentence; undefined when they are. */
export function basketProblem(lines: Lines, { items }: PublicCatalogue, texts: Texts): string | undefined {
  const { checkout } = texts.pages
  const nameOf = (sku: string) => isolated(items.find((item) => item.sku === sku)?.name ?? sku, texts.direction)
  if (lines.length === 0) return checkout.chooseSomething
  const broken = lines.find((line) => !isWhole(line))
  if (broken !== undefined) return checkout.wholeNumber({ name: nameOf(broken.sku) })
  if (lines.length > LINES_MAX) return checkout.atMostItems({ max: LINES_MAX })
  const over = lines
    .map((line) => ({ line, item: items.find(({ sku }) => sku === line.sku) }))
    .find(({ line, item }) => item !== undefined && line.quantity > item.perBuyerLimit)
  return over?.item && checkout.atMostOf({ name: nameOf(over.item.sku), limit: over.item.perBuyerLimit })
}

/** Names the items with fewer units left than wanted. Others may release some, so the order can still be tried. */
export function shortageText(lines: Lines, { items }: PublicCatalogue, texts: Texts): string {
  return lines
    .flatMap(({ sku, quantity }) => {
      const item = items.find((each) => each.sku === sku)
      if (item === undefined || item.soldOut || item.available === 0 || !(item.available < quantity)) return []
      const name = isolated(item.name, texts.direction)
      return [texts.pages.checkout.shortage({ name, count: item.available })]
    })
    .join(texts.pages.betweenSentences)
}

export function availabilityText(item: Item, { pages: { checkout } }: Texts): string {
  const limit = item.perBuyerLimit
  if (item.soldOut) return checkout.soldOut
  if (item.available === 0) return checkout.allTaken({ limit })
  return item.available < FEW_ITEMS ? checkout.few({ count: item.available, limit }) : checkout.available({ limit })
}
