import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'
import type { Problem } from '../shared/problem.ts'
import { leftOf } from './draft-correction.ts'
import type { Draft } from './model.ts'

const newPrices = ({ items, currency }: Problem, catalogue: PublicCatalogue, texts: Texts): string[] =>
  items.flatMap(({ sku, priceMinor }) => {
    const { freeNow, costsNow } = texts.pages.rejections
    const name = isolated(catalogue.items.find((item) => item.sku === sku)?.name ?? sku, texts.direction)
    if (priceMinor === undefined) return []
    if (priceMinor === 0) return [freeNow({ name })]
    return [costsNow({ name, price: formatMoney(priceMinor, currency ?? catalogue.currency, texts.language) })]
  })

const leftText = ({ name: given, available, soldOut }: ReturnType<typeof leftOf>[number], texts: Texts): string => {
  const { rejections } = texts.pages
  const name = isolated(given, texts.direction)
  if (soldOut) return rejections.soldOut({ name })
  return available === 0 ? rejections.heldByOthers({ name }) : rejections.onlyLeft({ name, count: available })
}

interface Chosen {
  readonly catalogue: PublicCatalogue
  readonly lines: Draft['items']
}

/** The limit covers all orders of a buyer together, including earlier purchases. */
const overLimitTexts = ({ skus }: Problem, { catalogue, lines }: Chosen, texts: Texts): string[] => {
  const { overLimit } = texts.pages.rejections
  if (skus.length === 0) return [overLimit.all]
  return skus.map((sku) => {
    const item = catalogue.items.find((each) => each.sku === sku)
    const quantity = lines.find((line) => line.sku === sku)?.quantity
    const name = isolated(item?.name ?? sku, texts.direction)
    if (item === undefined || quantity === undefined || quantity > item.perBuyerLimit) return overLimit.of({ name })
    return quantity === 1 ? overLimit.already({ name }) : overLimit.together({ name, limit: item.perBuyerLimit })
  })
}

/** Returns the title of a problem, which the server writes in the language of the page, as a part of a sentence. */
export function reasonOf({ title, status }: Problem, { pages }: Texts): string {
  return title?.replace(/[.!?。]+$/, '') || pages.rejections.noReason({ status })
}

const sentencesOf = (problem: Problem, chosen: Chosen, texts: Texts): readonly string[] => {
  const { rejections } = texts.pages
  switch (problem.code) {
    case 'over-limit':
      return overLimitTexts(problem, chosen, texts)
    case 'price-changed':
      return [rejections.priceChanged, ...newPrices(problem, chosen.catalogue, texts), rejections.buyAgain]
    case 'sold-out':
      return [...leftOf(problem, chosen.catalogue).map((left) => leftText(left, texts)), rejections.chooseAgain]
    case 'unknown-sku':
      return [rejections.unknownItem]
    case 'order-abandoned':
      return [rejections.abandoned]
    case 'key-reused':
      return [rejections.changedAfterSending]
    case 'invalid-request':
      if (problem.errors.some(({ pointer }) => pointer === '/paymentMethod')) return [rejections.notFreeAnyMore]
      return [
        problem.errors.some(({ pointer }) => pointer.includes('email')) ? rejections.email : rejections.notUnderstood,
      ]
    case 'admission-expired':
      return [rejections.clocksApart]
    case 'admission-invalid':
    case 'admission-missing':
      return [rejections.passNotTaken]
    case 'internal':
      return [rejections.notStored]
    default: {
      const reason = reasonOf(problem, texts)
      return [problem.retryable ? rejections.unknownMayRepeat({ reason }) : rejections.unknown({ reason })]
    }
  }
}

/** Explains why an order was rejected, in the buyer's language, with what to do about it. */
export function problemText(problem: Problem, chosen: Chosen, texts: Texts): string {
  return sentencesOf(problem, chosen, texts).join(texts.pages.betweenSentences)
}
