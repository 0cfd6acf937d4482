import type { InboxNotice } from '@floodgate/contracts'
import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'
import { h, setText } from '../shared/dom.ts'
import { ask } from '../shared/http.ts'
import { waitFor } from '../shared/wait.ts'

/** The notifier writes a notice within a second or two of what happened. */
const SETTLE_MS = 2_500
const EVERY_MS = 60_000
const LISTED_MAX = 20

export interface Inbox {
  readonly element: HTMLElement
  /** Reads the inbox with this admission; at once again whenever the order's `state` changes. */
  follow(admission: string | undefined, state: string): void
}

/**
 * Builds the buyer's messages: a button with the number of unread ones, which opens the newest. It is hidden while there
 * are none, and a notifier that does not respond changes nothing: the page does not depend on it.
 */
export function createInbox({ notifierUrl, texts }: { notifierUrl: string; texts: Texts }): Inbox {
  const words = texts.pages.inbox
  const label = h('summary', {}, words.title)
  const list = h('ul', { class: 'plain' })
  const details = h('details', { ontoggle: () => void markRead() }, label, list)
  const element = h('aside', { class: 'inbox', 'aria-label': words.title, hidden: true }, details)
  let followed = ''
  let bearer: string | undefined
  let newest: string | undefined
  let following = new AbortController()

  function item({ title, text, saleName, sale, number, at }: InboxNotice): HTMLElement {
    const name = isolated(saleName ?? sale, texts.direction)
    return h(
      'li',
      {},
      h('strong', {}, title),
      h('p', {}, text),
      h('p', { class: 'small' }, words.about({ sale: name, number, at: new Date(at) })),
    )
  }

  function showUnread(unread: number): void {
    setText(label, unread === 0 ? words.title : words.unread({ count: unread }))
  }

  async function read(signal: AbortSignal): Promise<void> {
    const query = { limit: LISTED_MAX }
    const reply = await ask('GET /inbox', { app: notifierUrl, bearer, query, signal })
    if (reply.kind !== 'success' || signal.aborted) return
    const { notices, unread } = reply.body
    if (notices[0]?.id !== newest) {
      newest = notices[0]?.id
      list.replaceChildren(...notices.map(item))
    }
    element.hidden = newest === undefined
    showUnread(unread)
    if (unread > 0) await markRead()
  }

  /** Marks what an open list shows. */
  async function markRead(): Promise<void> {
    if (!details.open || newest === undefined) return
    const reply = await ask('POST /inbox/read', { app: notifierUrl, bearer, body: { upTo: newest } })
    if (reply.kind === 'success') showUnread(reply.body.unread)
  }

  async function keepReading(signal: AbortSignal): Promise<void> {
    await waitFor(SETTLE_MS, { signal })
    while (!signal.aborted) {
      if (document.visibilityState === 'visible') await read(signal)
      await waitFor(EVERY_MS, { signal })
    }
  }

  return {
    element,
    follow(admission, state) {
      const next = `${admission ?? ''} ${state}`
      if (admission === undefined || next === followed) return
      followed = next
      bearer = admission
      following.abort()
      following = new AbortController()
      void keepReading(following.signal)
    },
  }
}
