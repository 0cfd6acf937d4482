import { type CancelReason, formatMoney } from '@floodgate/contracts'
import type { Notice } from './notice.ts'
import type { OrderLink } from './order-links.ts'

/** Of the texts below. */
const LANGUAGE = 'en'

export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)

const cancelledBecause: Readonly<Record<CancelReason, string>> = {
  declined:
    'Your card was declined, so nothing was charged. While your turn lasts you can try another card on the sale page.',
  'declined-final':
    'Your card was declined again, so nothing was charged and your turn is over. You can join the line once more.',
  expired:
    'The payment did not arrive in time, so the items went back into the sale. Should a payment still arrive, you get it back.',
  'by-buyer': 'You cancelled the order. Should a payment still arrive, you get it back.',
  'by-operator': 'The shop had to cancel the order. Should a payment still arrive, you get it back.',
  abandoned: 'The order did not come about, and nothing was charged.',
}

const words = (told: Notice, total: string): { subject: string; opening: string; total: string } => {
  switch (told.kind) {
    case 'confirmed':
      return {
        subject: 'Your order is confirmed',
        opening:
          told.totalMinor === 0
            ? 'Thank you. Your order is confirmed, and there is nothing to pay.'
            : 'Thank you. Your payment has arrived and your order is confirmed.',
        total: `Paid: ${told.totalMinor === 0 ? 'nothing' : total}`,
      }
    case 'cancelled':
      return {
        subject: 'Your order was cancelled',
        opening: cancelledBecause[told.reason],
        total: `Order total: ${total}`,
      }
    case 'refunded':
      return {
        subject: 'Your money is on its way back',
        opening: 'We have given your money back. It can take a few days until your bank shows it.',
        total: `Refunded: ${total}`,
      }
  }
}

const renderHtml = (
  content: { subject: string; opening: string; total: string; lines: string[]; order: string },
  link: OrderLink | undefined,
) => {
  const lines = content.lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(content.subject)}</title></head>
<body style="font-family: system-ui, sans-serif; color: #1a1a1a; max-width: 36rem; margin: 2rem auto; padding: 0 1rem">
<h1 style="font-size: 1.25rem">${escapeHtml(content.subject)}</h1>
<p>${escapeHtml(content.opening)}</p>
<ul>${lines}</ul>
<p><strong>${escapeHtml(content.total)}</strong></p>
${link === undefined ? '' : `<p><a href="${escapeHtml(link.url)}">See your order</a></p>\n`}<p style="color: #595959">Order ${escapeHtml(content.order)}</p>
</body>
</html>
`
}

/** The mail of a notice, with a link to its order: text and HTML say the same; everything that came from outside is escaped. */
export const renderMail = (told: Notice, link?: OrderLink): RenderedMail => {
  const { subject, opening, total } = words(told, formatMoney(told.totalMinor, told.currency, LANGUAGE))
  const lines = told.items.map(({ quantity, sku, priceMinor }) =>
    priceMinor === 0
      ? `${quantity} × ${sku}, free`
      : `${quantity} × ${sku}, ${formatMoney(priceMinor, told.currency, LANGUAGE)} each`,
  )
  const list = lines.map((line) => `  ${line}`).join('\n')
  return {
    subject,
    text: `${opening}\n\n${list}\n\n${total}\n\n${link === undefined ? '' : `See your order: ${link.url}\n\n`}Order ${told.order}\n`,
    html: renderHtml({ subject, opening, total, lines, order: told.order }, link),
  }
}
