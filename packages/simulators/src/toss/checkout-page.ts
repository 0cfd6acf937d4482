import { html } from 'hono/html'
import { failureOf } from './failures.ts'
import type { TossPayment } from './payment.ts'
import type { PaymentBook } from './payment-book.ts'

/** The choices of a buyer on the page. */
export const CHOICES = ['pay', 'pay-without-money', 'be-refused', 'cancel'] as const
export type Choice = (typeof CHOICES)[number]

const LABELS: Record<Choice, string> = {
  pay: 'Pay',
  'pay-without-money': 'Pay with a card without money',
  'be-refused': 'Pay with a card that its company refuses',
  cancel: 'Cancel',
}

/** Builds the page on which the buyer authenticates: a button for each way in which that can end. */
export function checkoutPage({ orderName, amount, currency, status }: TossPayment) {
  const buttons = CHOICES.map((choice) => html`<button name="choice" value="${choice}">${LABELS[choice]}</button> `)
  return html`<!doctype html>
    <html lang="en">
      <head><meta charset="utf-8" /><title>Payment</title></head>
      <body>
        <h1>${orderName}</h1>
        <p>${amount} ${currency}, ${status}. This simulator takes no money.</p>
        <form method="post">${buttons}</form>
      </body>
    </html>`
}

/**
 * Performs the choice and returns the URL to which the browser goes back. As documented, a cancelled payment comes back
 * without the order.
 */
export function leaveCheckout(book: PaymentBook, payment: TossPayment, choice: Choice): string {
  const { paymentKey, orderId, amount, successUrl, failUrl } = payment
  if (choice === 'cancel') return withQuery(failUrl, { ...messageOf('PAY_PROCESS_CANCELED') })
  if (choice === 'be-refused') {
    book.refuse(paymentKey)
    return withQuery(failUrl, { ...failureOf('REJECT_CARD_COMPANY'), orderId })
  }
  const result = book.authenticate(paymentKey, choice === 'pay' ? 'good' : 'without-money')
  if ('failure' in result) return withQuery(failUrl, { ...messageOf('PAY_PROCESS_ABORTED'), orderId })
  return withQuery(successUrl, { paymentType: 'NORMAL', paymentKey, orderId, amount: String(amount) })
}

function messageOf(code: 'PAY_PROCESS_CANCELED' | 'PAY_PROCESS_ABORTED') {
  return { code, message: code === 'PAY_PROCESS_CANCELED' ? 'The buyer canceled.' : 'The payment was aborted.' }
}

function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const target = new URL(url)
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
  return target.href
}
