import { LANGUAGES, type Texts } from '@floodgate/texts'
import { isolated } from '@floodgate/texts/formats'
import { oneLine, shortened } from './display-text.ts'
import { contentOf } from './mail-content.ts'
import type { Notice } from './notice.ts'
import { occasionOf } from './occasion.ts'
import type { OrderLink } from './order-links.ts'
import { renderHtml } from './render-html.ts'
import { renderText } from './render-text.ts'
import { HEADER_NAME_MAX, type RenderedMail } from './rendered-mail.ts'

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
