import { saleId, timestamp } from '@floodgate/contracts'
import { LANGUAGES } from '@floodgate/texts'
import { isolated } from '@floodgate/texts/formats'
import { z } from 'zod'
import type { StopTokens } from '../reminders/stop-tokens.ts'
import { oneLine, shortened } from './display-text.ts'
import { escapeHtml, mailDocument, nameOf } from './html-parts.ts'
import { HEADER_NAME_MAX, type RenderedMail } from './rendered-mail.ts'

/** The content of a mail that a sale opens soon, without its recipient: stored with the mail until the sale has opened. */
export const reminder = z.object({
  kind: z.literal('reminder'),
  sale: saleId,
  saleName: z.string(),
  opensAt: timestamp,
  /** Language of the mail (BCP 47); absent where it is unknown. */
  language: z.string().optional(),
  /** The hash of the address, for the link that ends reminders. */
  stop: z.string(),
})
export type Reminder = z.infer<typeof reminder>

/** The addresses in a reminder: the sale's page, and where its reader or a mail program ends reminders. */
export interface ReminderLinks {
  readonly page: string
  readonly stopPage: string
  /** Takes a POST (RFC 8058). */
  readonly stop: string
}

export type LinksOf = (told: Reminder) => ReminderLinks

/** Creates the links of reminders. The token stands in the fragment for people, which browsers send to no server. */
export function createLinksOf(
  { waitingRoomUrl, publicUrl }: { readonly waitingRoomUrl: string; readonly publicUrl: string },
  stopTokens: Pick<StopTokens, 'make'>,
): LinksOf {
  return function linksOf({ sale, stop }) {
    const token = stopTokens.make(stop)
    const page = `${waitingRoomUrl}/sales/${sale}`
    return {
      page,
      stopPage: `${page}#no-reminders=${token}`,
      stop: `${publicUrl}/live/sales/${sale}/reminders/${token}`,
    }
  }
}

/** Renders a reminder: text and HTML have the same content. English for a missing or unavailable language. */
export function renderReminder(told: Reminder, links: ReminderLinks): RenderedMail {
  const texts = LANGUAGES.of(told.language ?? '')
  const words = texts.mails.reminder
  const name = oneLine(told.saleName, told.sale)
  const sale = isolated(shortened(name, HEADER_NAME_MAX), texts.direction)
  const at = new Date(told.opensAt)
  const opening = words.opening({ at })
  const text = [
    isolated(name, texts.direction),
    words.heading,
    opening,
    `${words.toPage}:\n${links.page}`,
    words.why,
    `${words.stop}:\n${links.stopPage}`,
  ]
  const body = `<p class="sale">${nameOf(name)}</p>
<h1>${escapeHtml(words.heading)}</h1>
<p>${escapeHtml(opening)}</p>
<p><a class="button" href="${escapeHtml(links.page)}">${escapeHtml(words.toPage)}</a></p>
<p class="foot">${escapeHtml(words.why)} <a href="${escapeHtml(links.stopPage)}">${escapeHtml(words.stop)}</a></p>`
  return {
    subject: words.subject({ sale }),
    senderName: oneLine(told.saleName, '') === '' ? undefined : shortened(name, HEADER_NAME_MAX),
    language: texts.language,
    text: `${text.join('\n\n')}\n`,
    html: mailDocument({ ...texts, title: words.heading }, body),
    headers: { 'List-Unsubscribe': `<${links.stop}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  }
}
