import type { MailContent } from './mail-content.ts'
import { isolated } from './shown-text.ts'

/** The mail as plain text. */
export function renderText(content: MailContent): string {
  const { texts, link } = content
  const lines = content.lines.map(({ name, quantity, amount }) => `  ${isolated(name)}\n    ${quantity} = ${amount}`)
  const placed = content.placedAt === undefined ? [] : [texts.placedAt(content.placedAt)]
  const paragraphs = [
    isolated(content.saleName),
    `${content.heading}\n${[texts.orderNumber(content.number), ...placed].join('\n')}`,
    content.opening,
    lines.join('\n'),
    `${content.totalLabel}: ${content.total}`,
    ...(link === undefined ? [] : [`${texts.viewOrder}:\n${link.url}`, texts.linkValidity(link.validUntil)]),
    texts.whyThisMail({ sale: isolated(content.saleName), order: content.order }),
  ]
  return `${paragraphs.join('\n\n')}\n`
}
