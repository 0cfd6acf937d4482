import { escapeHtml, mailDocument, nameOf } from './html-parts.ts'
import type { ContentLine, MailContent } from './mail-content.ts'

/** Renders an amount that may break between its currency and its number, on a narrow phone. */
const amountOf = (amount: string): string => escapeHtml(amount.replaceAll('\u00a0', ' '))

function row({ name, quantity, amount }: ContentLine): string {
  return `<tr>
<th scope="row">${nameOf(name)} <span class="quantity">${escapeHtml(quantity)}</span></th>
<td class="amount">${amountOf(amount)}</td>
</tr>`
}

/** Renders the mail as a complete HTML document with the content of the plain text; escapes everything external. */
export function renderHtml(content: MailContent): string {
  const { link, placedAt } = content
  const { language, direction, mails: texts } = content.texts
  const number = texts
    .orderNumber({ number: '\0' })
    .split('\0')
    .map(escapeHtml)
    .join(`<bdi class="number" dir="ltr">${escapeHtml(content.number)}</bdi>`)
  const why = texts
    .whyThisMail({ sale: '\0', order: content.order })
    .split('\0')
    .map(escapeHtml)
    .join(nameOf(content.saleName))
  const placed = placedAt === undefined ? '' : `<br>\n${escapeHtml(texts.placedAt({ at: placedAt }))}`
  const linked =
    link === undefined
      ? ''
      : `<p><a class="button" href="${escapeHtml(link.url)}">${escapeHtml(texts.viewOrder)}</a></p>
<p class="note">${escapeHtml(texts.linkValidity({ until: link.validUntil }))}</p>
`
  const body = `<p class="sale">${nameOf(content.saleName)}</p>
<h1>${escapeHtml(content.heading)}</h1>
<p class="order">${number}${placed}</p>
<p>${escapeHtml(content.opening)}</p>
<table>
<thead>
<tr>
<th scope="col">${escapeHtml(texts.itemColumn)}</th>
<th scope="col" class="amount">${escapeHtml(texts.amountColumn)}</th>
</tr>
</thead>
<tbody>
${content.lines.map(row).join('\n')}
</tbody>
<tfoot>
${discountRow(content)}<tr>
<th scope="row">${escapeHtml(content.totalLabel)}</th>
<td class="amount">${amountOf(content.total)}</td>
</tr>
</tfoot>
</table>
${linked}<p class="foot">${why}</p>`
  return mailDocument({ language, direction, title: content.heading }, body)
}

function discountRow({ discount, texts }: MailContent): string {
  if (discount === undefined) return ''
  return `<tr>
<th scope="row">${escapeHtml(texts.mails.discountLabel)}</th>
<td class="amount">${amountOf(discount)}</td>
</tr>
`
}
