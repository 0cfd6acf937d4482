import type { PublicCatalogue } from '@floodgate/contracts'
import type { Texts } from '@floodgate/texts/types'
import { h } from '../../shared/dom.ts'
import type { Draft } from '../model.ts'
import { type ItemRow, itemRow } from './item-row.ts'

/** Builds the list of items. It follows the catalogue: items come, go and change under an open form. */
export function goods(options: {
  catalogue: PublicCatalogue
  draft: Draft | undefined
  onChange(): void
  texts: Texts
}) {
  const { draft, onChange, texts } = options
  let catalogue = options.catalogue
  const rows = new Map<string, ItemRow>()
  const onlyOne = catalogue.items.filter((item) => item.available > 0).length === 1
  const wantedAtFirst = ({ sku, available }: PublicCatalogue['items'][number]) =>
    draft?.items.find((line) => line.sku === sku)?.quantity ?? (draft === undefined && onlyOne && available > 0 ? 1 : 0)
  const element = h('fieldset', { class: 'goods' }, h('legend', {}, texts.pages.checkout.goods))

  const add = (item: PublicCatalogue['items'][number], quantity: number) => {
    const row = itemRow({ item, currency: catalogue.currency, quantity, onChange, texts })
    rows.set(item.sku, row)
    element.append(row.element)
  }
  for (const item of catalogue.items) add(item, wantedAtFirst(item))

  return {
    element,
    catalogue: () => catalogue,
    /** Returns what the buyer wants, at the prices shown beside it. */
    lines: (): Draft['items'] =>
      catalogue.items.flatMap(({ sku, salePriceMinor }) => {
        const quantity = rows.get(sku)?.quantity() ?? 0
        return quantity === 0 ? [] : [{ sku, quantity, priceMinor: salePriceMinor }]
      }),
    update: (now: PublicCatalogue): void => {
      catalogue = now
      const listed = new Set(now.items.map(({ sku }) => sku))
      for (const [sku, row] of rows) {
        if (listed.has(sku)) continue
        row.drop()
        row.element.remove()
      }
      for (const item of now.items) {
        const row = rows.get(item.sku)
        if (row === undefined) add(item, 0)
        else {
          row.update(item, now.currency)
          if (!row.element.isConnected) element.append(row.element)
        }
      }
    },
  }
}
