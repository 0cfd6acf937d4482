import { isolated } from '@floodgate/texts/formats'
import type { MailContent } from './mail-content.ts'

/** Renders the mail as plain text. */
export function renderText(content: MailContent): string {
  const { link } = content
  const { mails: texts, direction } = content.texts
  const saleName = isolated(content.saleName, direction)
  const lines = content.lines.map(
    ({ name, quantity, amount }) => `  ${isolated(name, direction)}\n    ${quantity} = ${amount}`,
  )
  const placed = content.placedAt === undefined ? [] : [texts.placedAt({ at: content.placedAt })]
  const paragraphs = [
    saleName,
    `${content.heading}\n${[texts.orderNumber({ number: content.number }), ...placed].join('\n')}`,
    content.opening,
    lines.join('\n'),
    [
      ...(content.discount === undefined ? [] : [`${texts.discountLabel}: ${content.discount}`]),
      `${content.totalLabel}: ${content.total}`,
    ].join('\n'),
    ...(link === undefined ? [] : [`${texts.viewOrder}:\n${link.url}`, texts.linkValidity({ until: link.validUntil })]),
    texts.whyThisMail({ sale: saleName, order: content.order }),
  ]
  return `${paragraphs.join('\n\n')}\n`
}
