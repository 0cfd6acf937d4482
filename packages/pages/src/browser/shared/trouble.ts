import type { Texts } from '@floodgate/texts/types'
import { h } from './dom.ts'

/** Tells whether an error comes from a script of this page, not from one added by an extension or a network. */
function isOwn(event: ErrorEvent): boolean {
  return event.filename === '' || event.filename.startsWith(location.origin)
}

/** Shows that the page itself failed, with what to do about it. Repeated calls change nothing. */
export function showTrouble(error: unknown, { pages: { trouble } }: Texts): void {
  console.error(error)
  const box =
    document.getElementById('trouble') ?? h('div', { id: 'trouble', class: 'banner', role: 'alert', hidden: true })
  if (!box.hidden) return
  if (!box.isConnected) document.body.prepend(box)
  const reload = h('button', { type: 'button', class: 'quiet', onclick: () => location.reload() }, trouble.reload)
  const close = h('button', { type: 'button', class: 'quiet', onclick: () => (box.hidden = true) }, trouble.close)
  box.replaceChildren(h('p', {}, trouble.what), h('div', { class: 'actions' }, reload, close))
  box.hidden = false
}

/** Shows every uncaught error of a handler or a job from now on. */
export function watchForTrouble(texts: Texts): void {
  addEventListener('error', (event) => {
    if (isOwn(event)) showTrouble(event.error ?? event.message, texts)
  })
  addEventListener('unhandledrejection', (event) => showTrouble(event.reason, texts))
}
