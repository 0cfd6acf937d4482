import type { Question, Texts, Words } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import type { Draft } from '../model.ts'
import { textOf } from '../texts.ts'
import type { Screen } from '../view-state.ts'

/** What the buyer can do. */
export interface Actions {
  /** Something was filled in: it outlives the form. */
  fill(draft: Draft): void
  buy(draft: Draft): void
  chooseAgain(): void
  rejoin(): void
  /** From an order's own page, which joins nothing. */
  toSale?(): void
  tryNow(): void
  /** Not on an order's own page, which knows nothing of turns. */
  askMoreTime?(): void
  leave(): void
  cancelOrder(): void
}

/** A screen that has been built: its parts, where the focus goes, and how it follows what changes. */
export interface BuiltScreen {
  readonly parts: readonly HTMLElement[]
  readonly focus?: HTMLElement
  update(screen: Screen): void
}

/** The order's own page, which goes on showing it after the sale. */
export function orderAddress({ sale, id }: { readonly sale: string; readonly id: string }): string {
  return `/sales/${encodeURIComponent(sale)}/orders/${encodeURIComponent(id)}`
}

/** Heading and sentences, which follow the screen. */
export function wording(texts: Texts) {
  const title = h('h1', { tabindex: -1 })
  const lines = h('div', { class: 'lines' })
  let written = ''
  const write = (text: Words) => {
    setText(title, text.title)
    const now = text.lines.join('\n')
    if (now === written) return
    written = now
    lines.replaceChildren(...text.lines.map((line) => h('p', {}, line)))
  }
  return { title, lines, update: (screen: Screen) => write(textOf(screen, texts)) }
}

export function button(label: string, options: { onclick(): void; quiet?: boolean }): HTMLButtonElement {
  return h('button', { type: 'button', class: options.quiet ? 'quiet' : 'main', onclick: options.onclick }, label)
}

/** Asks before something is given away that can't be had back. */
export function askFirst(words: Question, options: { stay: string; onYes(): void }): HTMLElement {
  const dialog = h(
    'dialog',
    { 'aria-label': words.question },
    h('p', {}, words.question),
    h(
      'div',
      { class: 'actions' },
      button(words.yes, {
        onclick: () => {
          dialog.close()
          options.onYes()
        },
      }),
      button(options.stay, { quiet: true, onclick: () => dialog.close() }),
    ),
  )
  return h('div', { class: 'actions' }, button(words.label, { quiet: true, onclick: () => dialog.showModal() }), dialog)
}
