import { h, setText } from '../../shared/dom.ts'
import { type Change, changesOrder, changeText } from '../catalogue-changes.ts'
import type { Draft } from '../model.ts'

const textsOf = (changes: readonly Change[]) => changes.map(changeText)
const skusOf = (lines: Draft['items']) => new Set(lines.map(({ sku }) => sku))
const isLoss = ({ kind }: Change) => kind === 'sold-out' || kind === 'removed'

/**
 * Shows what has changed under the open form, and announces it (`role=status`). `mustLookAgain` is true once for a press of the
 * button that follows a change of what the buyer chose: the order is sent by the next one.
 */
export const changesNotice = (options: { changes: readonly Change[]; areNews: boolean }) => {
  const heading = h('strong', {})
  const list = h('ul', { class: 'changed' })
  const advice = h('p', {})
  const element = h('div', { role: 'status', class: 'changes', tabindex: -1 }, heading, list, advice)
  /** What the buyer had chosen when it could no longer be had. */
  const dropped = new Set(options.changes.filter(isLoss).map(({ item }) => item.sku))
  // After a refusal the form appears with the changes that caused it: the buyer presses again anyway.
  let looked = options.areNews ? '' : textsOf(options.changes).join('\n')
  let shown = ''
  let current = options.changes

  const show = (texts: readonly string[]) => {
    setText(
      heading,
      texts.length > 0 ? 'This has changed:' : shown === '' ? '' : 'What had changed is as it was before.',
    )
    list.replaceChildren(...texts.map((text) => h('li', {}, text)))
    shown = texts.join('\n')
    element.classList.toggle('empty', heading.textContent === '')
  }
  show(textsOf(current))

  return {
    element,
    update: (changes: readonly Change[], lines: Draft['items']): void => {
      current = changes
      const texts = textsOf(changes)
      if (texts.join('\n') === shown) return
      const chosen = skusOf(lines)
      for (const { item } of changes.filter(isLoss)) if (chosen.has(item.sku)) dropped.add(item.sku)
      setText(advice, '')
      show(texts)
    },
    mustLookAgain: (lines: Draft['items']): boolean => {
      const chosen = skusOf(lines)
      const concern = current.some(
        (change) => changesOrder(change) && (chosen.has(change.item.sku) || dropped.has(change.item.sku)),
      )
      if (!concern || looked === shown) return false
      looked = shown
      setText(advice, 'Nothing was ordered yet. If you want it like this, press “Buy” again.')
      element.focus()
      return true
    },
  }
}
