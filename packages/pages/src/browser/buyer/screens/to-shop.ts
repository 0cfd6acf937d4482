import type { Texts } from '@floodgate/texts/types'
import { h, setAttribute, setText } from '../../shared/dom.ts'
import type { ToShopScreen } from '../to-shop.ts'
import { type Actions, askFirst, type BuiltScreen, button, wording } from './screen.ts'

/** A press that opens the link elsewhere, such as in another tab, is the browser's. */
const isPlain = (event: Event): boolean =>
  event instanceof MouseEvent &&
  event.button === 0 &&
  !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)

/**
 * Builds the screen of an admitted buyer who goes to the shop: a real link, and a countdown while the page goes by
 * itself.
 */
export function toShopScreen(screen: ToShopScreen, actions: Actions, texts: Texts): BuiltScreen {
  const { acts, clock, order, screens } = texts.pages
  const words = wording(texts)
  let shown = screen
  const goesIn = h('p', { class: 'left', role: 'timer' })
  const left = h('p', { class: 'left' })
  const leave = (event: Event) => {
    // A browser lets a frame leave by its own link only, and the address must still be accepted.
    if (!isPlain(event) || (shown.isFramed && shown.isFresh)) return
    event.preventDefault()
    actions.goToShop?.()
  }
  const link = h('a', { class: 'main', target: '_top', rel: 'noreferrer', onclick: leave }, acts.toShop)
  const stay =
    screen.goesInSeconds === null ? null : button(acts.stayHere, { quiet: true, onclick: () => actions.stayHere?.() })
  const giveBack = askFirst(acts.giveTurnBack, { stay: acts.stay, onYes: actions.leave })
  return {
    parts: [
      ...(screen.url === undefined ? [h('div', { class: 'busy', 'aria-hidden': 'true' })] : []),
      words.title,
      words.lines,
      goesIn,
      left,
      h('div', { class: 'actions' }, screen.url !== undefined && link, stay, giveBack),
    ],
    focus: words.title,
    update: (now) => {
      words.update(now)
      if (now.kind !== 'to-shop') return
      shown = now
      goesIn.hidden = now.goesInSeconds === null || now.goesInSeconds === 0
      if (now.goesInSeconds !== null) setText(goesIn, screens.toShop.goesIn({ seconds: now.goesInSeconds }))
      setText(left, order.turnLeft({ clock: clock({ seconds: now.secondsLeft }) }))
      if (now.url !== undefined) setAttribute(link, 'href', now.url)
    },
  }
}
