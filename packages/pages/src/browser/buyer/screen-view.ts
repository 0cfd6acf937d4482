import type { Texts } from '@floodgate/texts/types'
import { h, setText } from '../shared/dom.ts'
import { refundRowsOf } from './refund-rows.ts'
import { checkoutScreen } from './screens/checkout.ts'
import { lineScreen, openingScreen } from './screens/line.ts'
import { messageScreen } from './screens/message.ts'
import { moreTimeNotice } from './screens/more-time.ts'
import { orderScreen } from './screens/order.ts'
import { reminderText } from './screens/reminder.ts'
import type { Actions, BuiltScreen } from './screens/screen.ts'
import { toShopScreen } from './screens/to-shop.ts'
import { lostText, windowTitle } from './texts.ts'
import type { Screen, View } from './view-state.ts'

const build = (screen: Screen, { actions, texts }: { actions: Actions; texts: Texts }): BuiltScreen => {
  switch (screen.kind) {
    case 'not-open':
      return openingScreen(actions, texts)
    case 'waiting':
    case 'paused':
    case 'recovering':
      return lineScreen(actions, texts)
    case 'your-turn':
      return checkoutScreen(screen, actions, texts)
    case 'to-shop':
      return toShopScreen(screen, actions, texts)
    case 'paying':
    case 'at-bank':
    case 'confirmed':
    case 'refunded-in-part':
    case 'declined':
    case 'abandoned':
    case 'hold-lapsed':
    case 'cancelled':
    case 'cancelled-by-shop':
    case 'refund-pending':
    case 'refunded':
      return orderScreen(screen, actions, texts)
    default:
      return messageScreen(screen, actions, texts)
  }
}

/** Names a group of screens that share their elements: only their text differs. */
const familyOf = (screen: Screen): string => {
  if (screen.kind === 'declined' || screen.kind === 'abandoned')
    return `${screen.kind} ${(screen.secondsLeft ?? 0) > 0} ${screen.again === 'no'}`
  // Whether there is a button, and what is refunded.
  if ('again' in screen) {
    const refunds = 'order' in screen ? refundRowsOf(screen.order) : []
    return [screen.kind, screen.again === 'no', JSON.stringify(refunds)].join(' ')
  }
  if (screen.kind === 'to-shop') return `to-shop ${screen.url !== undefined} ${screen.goesInSeconds !== null}`
  if (screen.kind === 'core-down') return `core-down ${screen.placing}`
  if (screen.kind === 'join-rejected') return `join-rejected ${screen.retries} ${screen.problem.code}`
  if (screen.kind === 'at-bank') return `at-bank ${screen.order.id} ${screen.url}`
  if (screen.kind === 'paying') return `paying ${screen.order?.id ?? ''}`
  // A rejection rebuilds the form, with what was chosen and the reason.
  if (screen.kind === 'your-turn') return `your-turn ${screen.catalogue !== undefined}`
  return screen.kind
}

/** Shows a view: builds a new screen and moves the focus to its heading, or updates what differs. */
export function createScreenView(options: {
  root: HTMLElement
  banner: HTMLElement
  saleName: string
  texts: Texts
  actions: Actions
}) {
  let family: string | undefined
  let shown: BuiltScreen | undefined
  const notice = moreTimeNotice(options.texts, () => options.actions.askMoreTime?.())
  return function show({ screen, lost, reminder, time }: View): void {
    const stopped = reminder === undefined ? undefined : reminderText(reminder, options.texts)
    options.banner.hidden = !lost && stopped === undefined
    setText(options.banner, lost ? lostText(screen, options.texts) : (stopped ?? ''))
    const next = familyOf(screen)
    if (next !== family || shown === undefined) {
      const isFirst = family === undefined
      family = next
      shown = build(screen, options)
      const section = h(
        'section',
        { class: `screen screen-${screen.kind}`, 'data-screen': screen.kind },
        ...shown.parts,
      )
      options.root.replaceChildren(notice.element, section)
      // The first screen belongs to the page load: focus stays where the browser put it.
      if (!isFirst) shown.focus?.focus()
    }
    shown.update(screen)
    if (notice.update(time)) shown.focus?.focus()
    options.root.lastElementChild?.setAttribute('data-screen', screen.kind)
    const title = windowTitle(screen, options)
    if (document.title !== title) document.title = title
  }
}
