import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'
import type { Change } from './catalogue-changes.ts'

type Item = PublicCatalogue['items'][number]
type PriceChange = Extract<Change, { kind: 'price' }>

const priceChangeText = ({ item, was, is }: PriceChange, texts: Texts): string => {
  const { changes } = texts.pages.checkout
  const name = isolated(item.name, texts.direction)
  const write = ({ amountMinor, currency }: PriceChange['is']) => formatMoney(amountMinor, currency, texts.language)
  if (is.amountMinor === 0) return changes.freeNow({ name })
  if (was.amountMinor === 0) return changes.notFree({ name, price: write(is) })
  return changes.price({ name, price: write(is), was: write(was) })
}

export function changeText(change: Change, texts: Texts): string {
  const { changes } = texts.pages.checkout
  const name = isolated(change.item.name, texts.direction)
  switch (change.kind) {
    case 'price':
      return priceChangeText(change, texts)
    case 'name':
      return changes.name({ name, was: isolated(change.was, texts.direction) })
    case 'limit':
      return changes.limit({ name, limit: change.item.perBuyerLimit })
    case 'sold-out':
      return changes.soldOut({ name })
    case 'back':
      return changes.back({ name })
    case 'added':
      return changes.added({ name })
    case 'removed':
      return changes.removed({ name })
  }
}

/** Returns all changes that the form shows. `returned`: available items that the order has lost. */
export function changesShown(changes: readonly Change[], returned: readonly Item[], texts: Texts): readonly string[] {
  const skus = new Set(returned.map(({ sku }) => sku))
  return [
    ...changes
      .filter(({ kind, item }) => kind !== 'back' || !skus.has(item.sku))
      .map((change) => changeText(change, texts)),
    ...returned.map(({ name }) =>
      texts.pages.checkout.changes.backNotInOrder({ name: isolated(name, texts.direction) }),
    ),
  ]
}
