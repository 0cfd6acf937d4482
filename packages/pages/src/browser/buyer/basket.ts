import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'

type Item = PublicCatalogue['items'][number]
type Lines = readonly { readonly sku: string; readonly quantity: number }[]

/** An order takes so many different items. */
const LINES_MAX = 20
/** Fewer than this are worth a figure; more are just "available". */
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

/** Whether there is nothing to pay, whatever the buyer goes on to choose. */
export function isFree(lines: Lines, catalogue: PublicCatalogue): boolean {
  return lines.length === 0
    ? catalogue.items.every(({ salePriceMinor }) => salePriceMinor === 0)
    : lines.every(({ sku }) => !catalogue.items.some((item) => item.sku === sku && item.salePriceMinor > 0))
}

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

/** Says where less is left than is wanted. Others may give it back, so that the order can be tried all the same. */
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
