import { randomUUID } from 'node:crypto'
import type { CaughtMessage } from '@floodgate/contracts'
import PostalMime from 'postal-mime'

export interface Inbox {
  add(raw: Uint8Array, recipients: readonly string[]): void
  list(): Promise<readonly CaughtMessage[]>
  clear(): void
}

/** Parses a mail on first access: parsing takes as long as receiving it, and most are never read. */
type Caught = () => Promise<CaughtMessage>

const catchMail = (raw: Uint8Array, recipients: readonly string[]): Caught => {
  const envelope = { id: randomUUID(), to: recipients.join(', '), at: new Date().toISOString() }
  let read: Promise<CaughtMessage> | undefined
  return function stopCatching() {
    read ??= PostalMime.parse(raw).then(({ messageId = '', from, subject = '', text = '', html = '', headers }) => ({
      ...envelope,
      messageId,
      from: { name: from?.name ?? '', address: from?.address ?? '' },
      subject,
      text,
      html,
      headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    }))
    return read
  }
}

/** Keeps the caught messages in the order of their arrival; above `messagesMax` the oldest are dropped. */
export function createInbox(messagesMax: number): Inbox {
  let messages: Caught[] = []
  return {
    add: (raw, recipients) => {
      messages.push(catchMail(raw, recipients))
      // In steps of a tenth, since dropping one at a time would copy the list for each message.
      if (messages.length > messagesMax * 1.1) messages = messages.slice(-messagesMax)
    },
    list: () => Promise.all(messages.slice(-messagesMax).map((message) => message())),
    clear: () => {
      messages = []
    },
  }
}
