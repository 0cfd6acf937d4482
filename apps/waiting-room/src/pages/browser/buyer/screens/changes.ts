import type { PublicCatalogue } from '@floodgate/contracts'
import { h, setText } from '../../shared/dom.ts'
import { createAgreement } from '../agreement.ts'
import { type Change, changesShown } from '../catalogue-changes.ts'
import type { Draft } from '../model.ts'

/**
 * Shows what has changed under the open form, and announces it (`role=status`). `mustLookAgain` is true once for a press of the
 * button that follows a change of what the buyer chose: the order is sent by the next one.
 */
export const changesNotice = (options: {
  catalogue: PublicCatalogue
  changes: readonly Change[]
  areNews: boolean
}) => {
  const heading = h('strong', {})
  const list = h('ul', { class: 'changed' })
  const advice = h('p', {})
  const element = h('div', { role: 'status', class: 'changes', tabindex: -1 }, heading, list, advice)
  // After a refusal the form appears with the changes that caused it: the buyer presses again anyway.
  const agreement = createAgreement(options)
  let current = options.changes
  let shown = ''

  const show = () => {
    const texts = changesShown(current, agreement.returned())
    const isOver = texts.length === 0 && shown !== ''
    if (texts.join('\n') === shown) return
    shown = texts.join('\n')
    setText(advice, '')
    setText(heading, isOver ? 'What had changed is as it was before.' : 'This has changed:')
    list.replaceChildren(...texts.map((text) => h('li', {}, text)))
    element.classList.remove('empty')
  }
  element.classList.add('empty')
  show()

  return {
    element,
    /** The buyer has chosen. */
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
      setText(advice, 'Nothing was ordered yet. If you want it like this, press “Buy” again.')
      element.focus()
      return true
    },
  }
}
