import { contentOf } from './mail-content.ts'
import type { Notice } from './notice.ts'
import type { OrderLink } from './order-links.ts'
import { renderHtml } from './render-html.ts'
import { renderText } from './render-text.ts'
import { isolated, oneLine, shortened } from './shown-text.ts'
import { english } from './texts/english.ts'
import { type MailTexts, occasionOf } from './texts/mail-texts.ts'

export interface RenderedMail {
  readonly subject: string
  /** What the sender is called: the sale, where its name is known. */
  readonly senderName: string | undefined
  readonly language: string
  readonly text: string
  readonly html: string
}

/** Of a sale's name in a subject or as a sender: mail programs cut there anyway, and the order's number is to be seen. */
const HEADER_NAME_MAX = 60

/** The mail of a notice, with a link to its order: text and HTML say the same. */
export function renderMail(
  told: Notice,
  { texts = english, link }: { readonly texts?: MailTexts; readonly link?: OrderLink | undefined } = {},
): RenderedMail {
  const content = contentOf(told, { texts, link })
  const sale = shortened(content.saleName, HEADER_NAME_MAX)
  const subject = texts.occasions[occasionOf(told)].subject({ number: content.number, sale: isolated(sale) })
  const senderName = oneLine(told.saleName, '') === '' ? undefined : sale
  return {
    subject,
    senderName,
    language: texts.language,
    text: renderText(content),
    html: renderHtml(content),
  }
}
