import { orderNumber } from '@floodgate/contracts/order-number'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'
import { h, sentenceWith, setText } from '../../shared/dom.ts'
import { priceText } from '../basket.ts'
import { discountMinorOf } from '../order-screen.ts'
import { refundRowsOf } from '../refund-rows.ts'
import type { NamedOrder, Screen } from '../view-state.ts'
import { cancelSection } from './cancel-order.ts'
import { type Actions, type BuiltScreen, button, orderAddress, wording } from './screen.ts'

const receipt = (order: NamedOrder, texts: Texts) => {
  const words = texts.pages.order
  const number = h('a', { href: orderAddress(order) }, h('code', { dir: 'ltr' }, orderNumber(order.id)))
  const discount = discountMinorOf(order)
  const refunds = refundRows(order, texts)
  const names = order.items.map(() => h('dt', {}))
  const element = h(
    'div',
    { class: 'receipt' },
    h(
      'dl',
      {},
      ...order.items.flatMap((item, at) => [
        names[at],
        h('dd', {}, priceText(item.quantity * item.priceMinor, order.currency, texts)),
      ]),
      ...(discount > 0
        ? [h('dt', {}, words.voucher), h('dd', {}, `−${priceText(discount, order.currency, texts)}`)]
        : []),
      h('dt', { class: 'total' }, words.total),
      h('dd', { class: 'total' }, priceText(order.totalMinor, order.currency, texts)),
      ...refunds.parts,
    ),
    h('p', { class: 'small' }, ...sentenceWith(number, (mark) => words.number({ number: mark }))),
  )
  const update = (now: NamedOrder) => {
    for (const [at, item] of now.items.entries()) {
      const line = names[at]
      if (line !== undefined) setText(line, itemText(item, texts))
    }
    refunds.update(now)
  }
  return { element, update }
}

const itemText = ({ quantity, name }: { quantity: number; name: string }, { pages, direction }: Texts): string =>
  pages.order.item({ quantity, name: isolated(name, direction) })

/** What the buyer gets back, below the total. A refund of some items names them. */
const refundRows = (order: NamedOrder, texts: Texts) => {
  const { refundMade, refundOnItsWay } = texts.pages.order
  const rows = refundRowsOf(order).map((row) => ({
    items: (row.items ?? []).map((item) => ({ ...item, element: h('span', { class: 'small' }) })),
    label: row.made ? refundMade : refundOnItsWay,
    amount: priceText(row.amountMinor, order.currency, texts),
  }))
  return {
    parts: rows.flatMap(({ label, amount, items }) => [
      h('dt', { class: 'refund' }, label, ...items.map(({ element }) => element)),
      h('dd', { class: 'refund' }, amount),
    ]),
    update: (now: NamedOrder) => {
      for (const { sku, quantity, element } of rows.flatMap(({ items }) => items)) {
        const name = now.items.find((item) => item.sku === sku)?.name ?? sku
        setText(element, itemText({ quantity, name }, texts))
      }
    },
  }
}

/** Leads to the page of the bank. In a frame into another tab: banks allow none, and the shop's page stays. */
const bankLink = (url: string, label: string): HTMLElement =>
  h(
    'a',
    { class: 'main', href: url, rel: 'noreferrer', target: window.top === window.self ? '_self' : '_blank' },
    label,
  )

const actionsOf = (screen: Screen, actions: Actions, { pages: { acts } }: Texts): HTMLElement[] => {
  if (screen.kind === 'at-bank') return [bankLink(screen.url, acts.toBank)]
  if (actions.toSale !== undefined) return [button(acts.toSale, { quiet: true, onclick: actions.toSale })]
  switch (screen.kind) {
    case 'declined':
    case 'abandoned':
      if ((screen.secondsLeft ?? 0) > 0)
        return [
          button(screen.kind === 'declined' ? acts.anotherCard : acts.orderAgain, { onclick: actions.chooseAgain }),
        ]
      return screen.again === 'no' ? [] : [button(acts.joinAgain, { onclick: actions.rejoin })]
    case 'confirmed':
    case 'refunded-in-part':
    case 'refund-pending':
    case 'hold-lapsed':
    case 'cancelled':
    case 'cancelled-by-shop':
    case 'refunded':
      return screen.again === 'no' ? [] : [button(acts.joinAgain, { quiet: true, onclick: actions.rejoin })]
    default:
      return []
  }
}

/** Builds the screen of an order, from its reservation to its end. */
export function orderScreen(screen: Screen, actions: Actions, texts: Texts): BuiltScreen {
  const { clock } = texts.pages
  const words = wording(texts)
  const left = h('p', { class: 'left' })
  const buttons = actionsOf(screen, actions, texts)
  const order = 'order' in screen ? screen.order : undefined
  const bill = order === undefined ? undefined : receipt(order, texts)
  const cancelling = order === undefined || !('cancel' in screen) ? undefined : cancelSection(order, actions, texts)
  return {
    parts: [
      screen.kind === 'paying' || screen.kind === 'at-bank'
        ? h('div', { class: 'busy', 'aria-hidden': 'true' })
        : h('div', { class: `mark mark-${screen.kind}`, 'aria-hidden': 'true' }),
      words.title,
      words.lines,
      left,
      ...(bill === undefined ? [] : [bill.element]),
      ...(buttons.length > 0 ? [h('div', { class: 'actions' }, ...buttons)] : []),
      ...(cancelling === undefined ? [] : [cancelling.element]),
    ],
    focus: words.title,
    update: (now) => {
      words.update(now)
      if ('order' in now && now.order !== undefined) bill?.update(now.order)
      if ('cancel' in now && cancelling?.update(now.cancel)) words.title.focus()
      left.hidden = !('secondsLeft' in now) || now.secondsLeft === null || now.secondsLeft === 0
      if (!('secondsLeft' in now) || now.secondsLeft === null) return
      const of = { clock: clock({ seconds: now.secondsLeft }) }
      setText(
        left,
        now.kind === 'paying' || now.kind === 'at-bank'
          ? texts.pages.order.keptFor(of)
          : texts.pages.order.timeLeft(of),
      )
    },
  }
}
