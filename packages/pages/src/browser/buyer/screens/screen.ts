import type { Question, Texts, Words } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import type { Draft } from '../model.ts'
import { textOf } from '../texts.ts'
import type { Screen } from '../view-state.ts'

/** The buyer's actions. */
export interface Actions {
  /** Stores the input, which outlives the form. */
  fill(draft: Draft): void
  /** Claims a voucher of this campaign. */
  claim(campaign: string): void
  buy(draft: Draft): void
  chooseAgain(): void
  rejoin(): void
  /** On an order's own page, where nothing is joined. */
  toSale?(): void
  tryNow(): void
  /** Asks for a mail before the opening. Undefined on an order's own page. */
  remind?(email: string): void
  /** Where buyers sign in; absent where the sale names no shop. */
  readonly signInUrl?: string | null | undefined
  /** The buyer pays on the provider's own page, not by a method of the form. */
  readonly paysElsewhere?: boolean | undefined
  /** Undefined on an order's own page, which has no turn. */
  askMoreTime?(): void
  goToShop?(): void
  stayHere?(): void
  leave(): void
  cancelOrder(): void
}

/** A built screen: its elements, the focus target, and its update function. */
export interface BuiltScreen {
  readonly parts: readonly HTMLElement[]
  readonly focus?: HTMLElement
  update(screen: Screen): void
}

/** Returns the address of the order's own page, which shows it even after the sale. */
export function orderAddress({ sale, id }: { readonly sale: string; readonly id: string }): string {
  return `/sales/${encodeURIComponent(sale)}/orders/${encodeURIComponent(id)}`
}

/** Builds heading and sentences, which follow the screen. */
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

/** Asks for confirmation before something is irrevocably given away. */
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
