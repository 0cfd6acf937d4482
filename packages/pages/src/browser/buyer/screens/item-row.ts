import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'
import { h, setAttribute, setText } from '../../shared/dom.ts'
import { availabilityText, priceText, quantityOf } from '../basket.ts'

type Item = PublicCatalogue['items'][number]

export type ItemRow = ReturnType<typeof itemRow>

/** Builds the row of one item: name, prices, units left, and the quantity. All of it follows the catalogue. */
export function itemRow(options: { item: Item; currency: string; quantity: number; onChange(): void; texts: Texts }) {
  const { texts } = options
  const words = texts.pages.checkout
  const { sku } = options.item
  const id = `quantity-${sku}`
  const input = h('input', {
    type: 'number',
    id,
    inputmode: 'numeric',
    min: 0,
    step: 1,
    value: Math.min(options.quantity, options.item.perBuyerLimit),
    'aria-describedby': `${id}-left`,
  })
  const step = (by: number) => () => {
    const wanted = Math.trunc(Number(input.value) || 0) + by
    input.value = String(Math.min(Number(input.max), Math.max(0, wanted)))
    options.onChange()
  }
  const stepper = (label: typeof words.more, by: number) => {
    const button = h('button', { type: 'button', class: 'step', onclick: step(by) }, by > 0 ? '+' : '−')
    const update = (now: Item) => {
      setAttribute(button, 'aria-label', label({ name: isolated(now.name, texts.direction) }))
      button.disabled = now.soldOut
    }
    return { button, update }
  }
  const [fewer, more] = [stepper(words.fewer, -1), stepper(words.more, 1)]
  const name = h('bdi', {})
  const price = h('span', {})
  const listPrice = h('s', {})
  const insteadOf = h('span', {}, h('span', { class: 'hidden' }, ` ${words.insteadOf} `), listPrice)
  const left = h('small', { id: `${id}-left` })
  const element = h(
    'div',
    { class: 'item' },
    h('div', { class: 'what' }, h('label', { for: id }, name), h('span', { class: 'price' }, price, insteadOf), left),
    h('div', { class: 'stepper' }, fewer.button, input, more.button),
  )
  const drop = (): void => {
    input.value = '0'
  }
  const update = (now: Item, currency: string): void => {
    setText(name, now.name)
    setText(price, priceText(now.salePriceMinor, currency, texts))
    setText(listPrice, formatMoney(now.listPriceMinor, currency, texts.language))
    insteadOf.hidden = now.salePriceMinor >= now.listPriceMinor
    setText(left, availabilityText(now, texts))
    // Units held by others may become available, so they do not lower the maximum.
    input.max = String(now.perBuyerLimit)
    input.disabled = now.soldOut
    if (now.soldOut) drop()
    fewer.update(now)
    more.update(now)
  }
  update(options.item, options.currency)
  return {
    element,
    /** Returns NaN for an invalid quantity. The choice of an item that sells out does not return with the item. */
    quantity: () => quantityOf(input.value),
    /** Clears the quantity. */
    drop,
    update,
  }
}
