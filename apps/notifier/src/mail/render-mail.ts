import { LANGUAGES, type Texts } from '@floodgate/texts'
import { isolated } from '@floodgate/texts/formats'
import { oneLine, shortened } from './display-text.ts'
import { contentOf } from './mail-content.ts'
import type { Notice } from './notice.ts'
import { occasionOf } from './occasion.ts'
import type { OrderLink } from './order-links.ts'
import { renderHtml } from './render-html.ts'
import { renderText } from './render-text.ts'

export interface RenderedMail {
  readonly subject: string
  /** The sender's name: the sale, where its name is known. */
  readonly senderName: string | undefined
  readonly language: string
  readonly text: string
  readonly html: string
}

/**
 * Maximum length of a sale's name in a subject or as a sender: mail programs cut at about this length anyway, and the
 * order's number must stay visible.
 */
const HEADER_NAME_MAX = 60

/**
 * Renders the mail of a notice, in its language, with a link to its order: text and HTML have the same content. English
 * for a missing or unavailable language.
 */
export function renderMail(
  told: Notice,
  {
    texts = LANGUAGES.of(told.language ?? ''),
    link,
  }: { readonly texts?: Texts; readonly link?: OrderLink | undefined } = {},
): RenderedMail {
  const content = contentOf(told, { texts, link })
  const sale = shortened(content.saleName, HEADER_NAME_MAX)
  const named = { number: content.number, sale: isolated(sale, texts.direction) }
  const subject = texts.mails.occasions[occasionOf(told)].subject(named)
  const senderName = oneLine(told.saleName, '') === '' ? undefined : sale
  return {
    subject,
    senderName,
    language: texts.language,
    text: renderText(content),
    html: renderHtml(content),
  }
}
