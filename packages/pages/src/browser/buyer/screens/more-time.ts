import type { Texts } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import type { TimeNotice } from '../more-time.ts'

/** Returns the text of a notice. */
export function timeNoticeText(notice: TimeNotice, { pages }: Texts): string {
  const { moreTime, clock } = pages
  switch (notice.kind) {
    case 'warning':
      return moreTime.warning({ clock: clock({ seconds: notice.secondsLeft }) })
    case 'asking':
      return moreTime.asking
    case 'given':
      return moreTime.given(notice)
    case 'rejected':
      return notice.hasOrder ? moreTime.rejectedByOrder : moreTime.rejected
  }
}

/**
 * Builds the warning of the end of the turn, above the screen and always in sight, with a button for more time. It
 * takes no focus away; where the focused button disappears, its result gets the focus. `update` returns whether the
 * notice disappeared with the focus in it, as when another tab extended the turn.
 */
export function moreTimeNotice(texts: Texts, askMoreTime: () => void) {
  const words = h('p', { tabindex: -1 })
  const ask = h('button', { type: 'button', class: 'main', onclick: askMoreTime }, texts.pages.moreTime.ask)
  const element = h('div', { class: 'more-time', hidden: true }, words, ask)
  return {
    element,
    update: (notice: TimeNotice | undefined): boolean => {
      const focused = document.activeElement
      const hadFocus = focused === ask
      const lost = notice === undefined && element.contains(focused)
      element.hidden = notice === undefined
      if (notice === undefined) return lost
      element.classList.toggle('given', notice.kind === 'given')
      setText(words, timeNoticeText(notice, texts))
      ask.hidden = notice.kind !== 'warning' || !notice.canAsk
      if (hadFocus && ask.hidden) words.focus()
      return lost
    },
  }
}
