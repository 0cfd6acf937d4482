import type { PublicCatalogue } from '@floodgate/contracts'
import type { Texts } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import { createAgreement } from '../agreement.ts'
import type { Change } from '../catalogue-changes.ts'
import { changesShown } from '../change-texts.ts'
import type { Draft } from '../model.ts'

/**
 * Shows what has changed under the open form, and announces it (`role=status`). `mustLookAgain` is true once for a
 * press of the button after a change of what the buyer chose: the next press sends the order.
 */
export function changesNotice(options: {
  catalogue: PublicCatalogue
  changes: readonly Change[]
  areNews: boolean
  texts: Texts
}) {
  const words = options.texts.pages.checkout.changes
  const heading = h('strong', {})
  const list = h('ul', { class: 'changed' })
  const advice = h('p', {})
  const element = h('div', { role: 'status', class: 'changes', tabindex: -1 }, heading, list, advice)
  // After a rejection the form appears with the changes that caused it: the buyer presses again anyway.
  const agreement = createAgreement(options)
  let current = options.changes
  let shown = ''

  const show = () => {
    const lines = changesShown(current, agreement.returned(), options.texts)
    const isOver = lines.length === 0 && shown !== ''
    if (lines.join('\n') === shown) return
    shown = lines.join('\n')
    setText(advice, '')
    setText(heading, isOver ? words.over : words.heading)
    list.replaceChildren(...lines.map((line) => h('li', {}, line)))
    element.classList.remove('empty')
  }
  element.classList.add('empty')
  show()

  return {
    element,
    /** Records what the buyer has chosen. */
    choose: (lines: Draft['items']): void => {
      agreement.choose(lines)
      show()
    },
    update: (changes: readonly Change[], now: { catalogue: PublicCatalogue; lines: Draft['items'] }): void => {
      current = changes
      agreement.update(now.catalogue, now.lines)
      show()
    },
    mustLookAgain: (lines: Draft['items']): boolean => {
      if (!agreement.mustLookAgain(lines)) return false
      setText(advice, words.advice)
      element.focus()
      return true
    },
  }
}
