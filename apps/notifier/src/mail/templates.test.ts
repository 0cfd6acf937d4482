import { expect, test } from 'vitest'
import { hostOf, messageIdOf, type Notice } from './notice.ts'
import { renderMail } from './templates.ts'

const order = '6f0ef8b2-6d0c-4f0c-8f0c-6f0ef8b26d0c'
const confirmed: Notice = {
  kind: 'confirmed',
  order,
  sale: 'demo',
  items: [{ sku: 'lamp', quantity: 2, priceMinor: 1_250 }],
  totalMinor: 2_500,
  currency: 'EUR',
}

test('text and HTML say what was bought, for how much, and which order it is', () => {
  const { subject, text, html } = renderMail(confirmed)
  expect(subject).toBe('Your order is confirmed')
  for (const part of ['2 × lamp, €12.50 each', 'Paid: €25.00', order]) {
    expect(text).toContain(part)
    expect(html).toContain(part)
  }
})

test('whatever comes from outside is escaped in HTML', () => {
  const evil = `<script>alert("1")</script>&'`
  const { html, text } = renderMail({ ...confirmed, items: [{ sku: evil, quantity: 1, priceMinor: 1 }] })
  expect(html).not.toContain('<script>')
  expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')
  expect(text).toContain(evil)
})

test('every reason of a cancellation has words of its own', () => {
  const reasons = ['declined', 'expired', 'by-buyer', 'by-operator'] as const
  const texts = reasons.map((reason) => renderMail({ ...confirmed, kind: 'cancelled', reason }).text)
  expect(new Set(texts).size).toBe(reasons.length)
})

test('a Message-ID depends on the order and the kind alone', () => {
  expect(hostOf('Shop <orders@shop.example>')).toBe('shop.example')
  expect(messageIdOf(confirmed, 'shop.example')).toBe(`<${order}.confirmed@shop.example>`)
})
