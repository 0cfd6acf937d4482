import { orderNumber } from '@floodgate/contracts/order-number'
import { h, setText } from '../../shared/dom.ts'
import { clock } from '../../shared/words.ts'
import { priceText } from '../basket.ts'
import type { NamedOrder, Screen } from '../view-state.ts'
import { type Actions, askFirst, button, orderAddress, type Shown, wording } from './screen.ts'

const receipt = (order: NamedOrder) => {
  const names = order.items.map(() => h('dt', {}))
  const element = h(
    'div',
    { class: 'receipt' },
    h(
      'dl',
      {},
      ...order.items.flatMap((item, at) => [
        names[at],
        h('dd', {}, priceText(item.quantity * item.priceMinor, order.currency)),
      ]),
      h('dt', { class: 'total' }, 'Total'),
      h('dd', { class: 'total' }, priceText(order.totalMinor, order.currency)),
    ),
    h(
      'p',
      { class: 'small' },
      'Order number ',
      h('a', { href: orderAddress(order) }, h('code', {}, orderNumber(order.id))),
    ),
  )
  const update = ({ items }: NamedOrder) => {
    for (const [at, name] of names.entries()) setText(name, `${items[at]?.quantity} × ${items[at]?.name}`)
  }
  return { element, update }
}

const actionsOf = (screen: Screen, actions: Actions): HTMLElement[] => {
  if (actions.toSale !== undefined) return [button('Go to the sale', { quiet: true, onclick: actions.toSale })]
  switch (screen.kind) {
    case 'declined':
    case 'abandoned':
      return (screen.secondsLeft ?? 0) > 0
        ? [button(screen.kind === 'declined' ? 'Try another card' : 'Order again', { onclick: actions.chooseAgain })]
        : [button('Join the line again', { onclick: actions.rejoin })]
    case 'confirmed':
    case 'refund-pending':
    case 'hold-lapsed':
    case 'cancelled':
    case 'cancelled-by-shop':
    case 'refunded':
      return [button('Join the line again', { quiet: true, onclick: actions.rejoin })]
    default:
      return []
  }
}

/** An order, from its reservation to its end. */
export const orderScreen = (screen: Screen, actions: Actions): Shown => {
  const words = wording()
  const left = h('p', { class: 'left' })
  const buttons = actionsOf(screen, actions)
  const order = 'order' in screen ? screen.order : undefined
  const bill = order === undefined ? undefined : receipt(order)
  return {
    parts: [
      screen.kind === 'paying'
        ? h('div', { class: 'busy', 'aria-hidden': 'true' })
        : h('div', { class: `mark mark-${screen.kind}`, 'aria-hidden': 'true' }),
      words.title,
      words.lines,
      left,
      ...(bill === undefined ? [] : [bill.element]),
      ...(buttons.length > 0 ? [h('div', { class: 'actions' }, ...buttons)] : []),
      ...(screen.kind === 'paying' && order !== undefined
        ? [
            askFirst({
              label: 'Cancel this order',
              question: 'Cancel this order? What you chose goes back on sale, and your turn ends.',
              yes: 'Cancel the order',
              onYes: actions.cancelOrder,
            }),
          ]
        : []),
    ],
    focus: words.title,
    update: (now) => {
      words.update(now)
      if ('order' in now && now.order !== undefined) bill?.update(now.order)
      left.hidden = !('secondsLeft' in now) || now.secondsLeft === null || now.secondsLeft === 0
      if (!('secondsLeft' in now) || now.secondsLeft === null) return
      setText(left, now.kind === 'paying' ? `Kept for ${clock(now.secondsLeft)}` : `${clock(now.secondsLeft)} left`)
    },
  }
}
