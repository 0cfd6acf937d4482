import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { h, setAttribute, setText } from '../../shared/dom.ts'
import { availabilityText, priceText, quantityOf } from '../basket.ts'

type Item = PublicCatalogue['items'][number]

export type ItemRow = ReturnType<typeof itemRow>

/** One item: its name and prices, what is left, and how many the buyer wants. All of it follows the catalogue. */
export const itemRow = (options: { item: Item; currency: string; quantity: number; onChange: () => void }) => {
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
  const stepper = (label: string, by: number) => {
    const button = h('button', { type: 'button', class: 'step', onclick: step(by) }, by > 0 ? '+' : '−')
    const update = (now: Item) => {
      setAttribute(button, 'aria-label', `${label} ${now.name}`)
      button.disabled = now.soldOut
    }
    return { button, update }
  }
  const [fewer, more] = [stepper('Fewer', -1), stepper('More', 1)]
  const name = h('label', { for: id })
  const price = h('span', {})
  const listPrice = h('s', {})
  const insteadOf = h('span', {}, h('span', { class: 'hidden' }, ' instead of '), listPrice)
  const left = h('small', { id: `${id}-left` })
  const element = h(
    'div',
    { class: 'item' },
    h('div', { class: 'what' }, name, h('span', { class: 'price' }, price, insteadOf), left),
    h('div', { class: 'stepper' }, fewer.button, input, more.button),
  )
  const drop = (): void => {
    input.value = '0'
  }
  const update = (now: Item, currency: string): void => {
    setText(name, now.name)
    setText(price, priceText(now.salePriceMinor, currency))
    setText(listPrice, formatMoney(now.listPriceMinor, currency))
    insteadOf.hidden = now.salePriceMinor >= now.listPriceMinor
    setText(left, availabilityText(now))
    // What others hold may come back, so it does not count.
    input.max = String(now.perBuyerLimit)
    input.disabled = now.soldOut
    if (now.soldOut) drop()
    fewer.update(now)
    more.update(now)
  }
  update(options.item, options.currency)
  return {
    element,
    /** NaN when what was typed is no quantity. What was chosen of an item that sells out does not come back with the item. */
    quantity: () => quantityOf(input.value),
    /** None of it is chosen any more. */
    drop,
    update,
  }
}
