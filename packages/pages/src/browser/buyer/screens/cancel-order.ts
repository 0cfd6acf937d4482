import type { Question, Texts } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import { priceText } from '../basket.ts'
import type { CancelOffer } from '../cancelling.ts'
import { hasVoucher, type NamedOrder } from '../order-screen.ts'
import { type Actions, askFirst } from './screen.ts'

const questionOf = (order: NamedOrder, texts: Texts): Question & { readonly stay: string } => {
  const { acts } = texts.pages
  if (order.status === 'pending') return { ...acts.cancelOrder, stay: acts.stay }
  const withVoucher = hasVoucher(order)
  const leftMinor = order.totalMinor - (order.refundsMinor ?? 0)
  const price = priceText(leftMinor, order.currency, texts)
  const question =
    leftMinor === 0 ? acts.cancelFreeOrder({ withVoucher }) : acts.cancelPaidOrder({ price, withVoucher })
  return { ...question, stay: acts.keepOrder }
}

/**
 * Builds the button that cancels an order, with the time left for it, and a note in its place once that is no longer
 * possible. The update returns whether the focus was on what it has hidden.
 */
export function cancelSection(order: NamedOrder, actions: Actions, texts: Texts) {
  const { cancellableFor, cancelling, notCancellable } = texts.pages.order
  const question = questionOf(order, texts)
  const ask = askFirst(question, { stay: question.stay, onYes: actions.cancelOrder })
  const time = h('p', { class: 'small' })
  const note = h('p', { class: 'small', role: 'status' })
  const element = h('div', { class: 'cancel' }, ask, time, note)
  let wasOpen = false

  function noteOf({ kind }: CancelOffer): string {
    if (kind === 'asked') return cancelling
    return kind === 'rejected' || (kind === 'none' && wasOpen) ? notCancellable : ''
  }

  function update(offer: CancelOffer): boolean {
    const isOpen = offer.kind === 'open'
    const secondsLeft = isOpen ? offer.secondsLeft : null
    wasOpen ||= isOpen
    setText(time, secondsLeft === null ? '' : cancellableFor({ clock: texts.pages.clock({ seconds: secondsLeft }) }))
    setText(note, noteOf(offer))
    if (ask.hidden === !isOpen) return false
    const hadFocus = ask.contains(document.activeElement)
    ask.querySelector('dialog')?.close()
    ask.hidden = !isOpen
    return hadFocus && !isOpen
  }

  return { element, update }
}
