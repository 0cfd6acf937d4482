import { randomUUID } from 'node:crypto'
import type { CaughtMessage } from '@floodgate/contracts'
import PostalMime from 'postal-mime'

export interface Inbox {
  readonly add: (raw: Uint8Array, recipients: readonly string[]) => Promise<void>
  readonly list: () => readonly CaughtMessage[]
  readonly clear: () => void
}

/** The caught messages in the order of their arrival; above `messagesMax` the oldest go. */
export const createInbox = (messagesMax: number): Inbox => {
  let messages: CaughtMessage[] = []
  return {
    add: async (raw, recipients) => {
      const mail = await PostalMime.parse(raw)
      messages.push({
        id: randomUUID(),
        messageId: mail.messageId ?? '',
        to: recipients.join(', '),
        subject: mail.subject ?? '',
        text: mail.text ?? '',
        html: mail.html ?? '',
        at: new Date().toISOString(),
      })
      // In steps of a tenth, since dropping one at a time would copy the list for each message.
      if (messages.length > messagesMax * 1.1) messages = messages.slice(-messagesMax)
    },
    list: () => messages.slice(-messagesMax),
    clear: () => {
      messages = []
    },
  }
}
