import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { h, setText } from '../../shared/dom.ts'
import { availabilityText, mostOf, priceText } from '../basket.ts'

type Item = PublicCatalogue['items'][number]

/** One item: its name and prices, what is left, and how many the buyer wants. */
export const itemRow = (options: { item: Item; currency: string; quantity: number; onChange: () => void }) => {
  const { item, currency } = options
  const id = `quantity-${item.sku}`
  const input = h('input', {
    type: 'number',
    id,
    inputmode: 'numeric',
    min: 0,
    max: mostOf(item),
    step: 1,
    value: Math.min(options.quantity, mostOf(item)),
    'aria-describedby': `${id}-left`,
    oninput: options.onChange,
  })
  const step = (by: number) => () => {
    const wanted = Math.round(Number(input.value) || 0) + by
    input.value = String(Math.min(Number(input.max), Math.max(0, wanted)))
    options.onChange()
  }
  const stepper = (label: string, by: number) =>
    h(
      'button',
      { type: 'button', class: 'step', 'aria-label': `${label} ${item.name}`, onclick: step(by) },
      by > 0 ? '+' : '−',
    )
  const left = h('small', { id: `${id}-left` })
  const reduced = item.salePriceMinor < item.listPriceMinor
  const element = h(
    'div',
    { class: 'item' },
    h(
      'div',
      { class: 'what' },
      h('label', { for: id }, item.name),
      h(
        'span',
        { class: 'price' },
        priceText(item.salePriceMinor, currency),
        reduced && h('span', { class: 'hidden' }, ' instead of '),
        reduced && h('s', {}, formatMoney(item.listPriceMinor, currency)),
      ),
      left,
    ),
    h('div', { class: 'stepper' }, stepper('Fewer', -1), input, stepper('More', 1)),
  )
  const update = (now: Item | undefined) => {
    if (now === undefined) return
    setText(left, availabilityText(now))
    input.max = String(mostOf(now))
    input.disabled = now.soldOut
    for (const each of element.querySelectorAll('button')) each.disabled = now.soldOut
  }
  update(item)
  return { element, sku: item.sku, quantity: () => Math.max(0, Math.round(Number(input.value) || 0)), update }
}
