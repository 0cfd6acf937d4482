import { cancelReason, formatMoney, orderNumber } from '@floodgate/contracts'
import { LANGUAGES, type Texts } from '@floodgate/texts'
import { HtmlValidate } from 'html-validate'
import { describe, expect, it } from 'vitest'
import type { Notice } from './notice.ts'
import type { OrderLink } from './order-links.ts'
import { renderMail } from './render-mail.ts'

const order = '6f0ef8b2-6d0c-8f0c-8f0c-6f0ef8b26d0c'
const number = orderNumber(order)
const link: OrderLink = {
  url: `https://tickets.shop.example/sales/spring/orders/${order}#key=a.b.c`,
  validUntil: new Date('2027-03-01T09:30:00Z'),
}
const bought = {
  order,
  sale: 'spring',
  saleName: 'Frühling & Söhne',
  items: [{ sku: 'TKT-0034-A', name: 'Parkett <Reihe 1>', quantity: 2, priceMinor: 1_250 }],
  totalMinor: 2_500,
  currency: 'EUR',
  createdAt: '2026-12-01T10:05:00.000Z',
}
const confirmed: Notice = { kind: 'confirmed', ...bought }
const everyKind: readonly Notice[] = [
  confirmed,
  { kind: 'refunded', ...bought },
  ...cancelReason.exclude(['abandoned']).options.map((reason): Notice => ({ kind: 'cancelled', ...bought, reason })),
]
const nameOf = (notice: Notice): string => (notice.kind === 'cancelled' ? notice.reason : notice.kind)
const kinds = LANGUAGES.tags.flatMap((language) =>
  everyKind.map((notice): [string, string, Notice] => [nameOf(notice), language, { ...notice, language }]),
)

/** Replaces the spaces that languages put into amounts, at which lines may break in a table. */
const spaced = (text: string): string => text.replaceAll('\u00a0', ' ')

const linter = new HtmlValidate({ extends: ['html-validate:recommended', 'html-validate:a11y'] })
async function problemsOf(html: string): Promise<readonly string[]> {
  const report = await linter.validateString(html)
  return report.results.flatMap(({ messages }) =>
    messages.map(({ line, ruleId, message }) => `${line}: ${ruleId}: ${message}`),
  )
}

describe.each(kinds)('the mail of an order that is %s, in the language %s', (_, language, notice) => {
  const mail = renderMail(notice, { link })
  const { mails: texts, direction } = LANGUAGES.of(language)

  it('states in both parts what was bought where, for how much, when, and which order it is', () => {
    const [price, total] = [1_250, 2_500].map((amount) => formatMoney(amount, 'EUR', language))
    const both = [String(price), String(total), number, order, 'UTC', '10:05', '2026', '9:30', '2027']
    for (const part of both) {
      expect(spaced(mail.text)).toContain(spaced(part))
      expect(spaced(mail.html)).toContain(spaced(part))
    }
    for (const name of ['Frühling & Söhne', 'Parkett <Reihe 1>']) expect(mail.text).toContain(name)
    for (const name of ['Frühling &amp; Söhne', 'Parkett &lt;Reihe 1&gt;']) expect(mail.html).toContain(name)
  })

  it('states its language, and its direction', () => {
    expect(mail.language).toBe(language)
    expect(mail.html).toContain(`<html lang="${language}" dir="${direction}">`)
  })

  it('links to the order', () => {
    expect(mail.text.split(/\s/)).toContain(link.url)
    expect(mail.html).toContain(`href="${link.url}"`)
    expect(mail.html).toContain(texts.viewOrder)
  })

  it('has a subject with its order, and the sale as its sender', () => {
    expect(mail.subject).toContain(number)
    expect(mail.subject).toContain('Frühling & Söhne')
    expect(mail.senderName).toBe('Frühling & Söhne')
  })

  it('is valid HTML, with a link and without', async () => {
    expect(await problemsOf(mail.html)).toEqual([])
    expect(await problemsOf(renderMail(notice).html)).toEqual([])
  })

  it('shows what a voucher took off, and only then', async () => {
    const off = renderMail({ ...notice, discountMinor: 300, totalMinor: 2_200 }, { link })
    const amount = spaced(`−${formatMoney(300, 'EUR', language)}`)
    for (const part of [off.text, off.html].map(spaced)) {
      expect(part).toContain(texts.discountLabel)
      expect(part).toContain(amount)
    }
    expect(await problemsOf(off.html)).toEqual([])
    expect(mail.text).not.toContain(texts.discountLabel)
  })

  it('mentions no payment for a free order', () => {
    const items = [{ sku: 'seat', name: 'Seat', quantity: 1, priceMinor: 0 }]
    const { text, html } = renderMail({ ...notice, items, totalMinor: 0 }, { link })
    const amount = spaced(`${formatMoney(0, 'EUR', language)} (${texts.free})`)
    for (const part of [text, html].map(spaced)) {
      expect(part).toContain(amount)
      expect(part).toContain(texts.freeTotalLabel)
      // Only a charge can be declined or refunded.
      if (!['declined', 'declined-final', 'refunded'].includes(nameOf(notice)))
        expect(part).not.toMatch(/payment still|received your payment|paid|결제가|결제 금액/)
    }
  })
})

describe('the mails of a language', () => {
  it.each(LANGUAGES.tags)('have a text of their own for every kind: %s', (language) => {
    const texts = everyKind.map((notice) => renderMail({ ...notice, language }).text)
    expect(new Set(texts).size).toBe(everyKind.length)
  })

  it.each(LANGUAGES.tags)('promise nothing that may no longer be true when they are read: %s', (language) => {
    const told = everyKind.map((notice) => renderMail({ ...notice, language }).text).join('\n')
    expect(told).not.toMatch(/(?<!whether )you can join|join .*once more|back on sale/i)
    expect(told).not.toMatch(/등록하실 수 있습니다|다시 판매/)
  })

  it('promise an expired order with a voucher only a refund, and any other that it may still be confirmed', () => {
    const expired: Notice = { kind: 'cancelled', ...bought, reason: 'expired' }
    const [english, korean] = [/we will confirm your order/, /주문을 확정해 드리고/]
    const textIn = (language: string, notice: Notice) => renderMail({ ...notice, language }).text
    for (const [language, promise] of [
      ['en', english],
      ['ko', korean],
    ] as const) {
      expect(textIn(language, expired)).toMatch(promise)
      for (const discountMinor of [300, 0]) expect(textIn(language, { ...expired, discountMinor })).not.toMatch(promise)
    }
    expect(textIn('en', { ...expired, discountMinor: 0 })).not.toContain('Voucher')
    expect(textIn('en', { ...expired, discountMinor: 300 })).toContain('If a payment still arrives, we will refund it.')
  })

  it('are English where the language is unknown, or not available', () => {
    const english = renderMail(confirmed)
    expect(english.subject).toBe(`Your order ${number} for Frühling & Söhne is confirmed`)
    expect(english.text).toContain('Placed on 1 December 2026 at 10:05 UTC')
    expect(renderMail({ ...confirmed, language: 'tlh' })).toEqual(english)
  })

  it('are in Korean', () => {
    const { subject, text } = renderMail({ ...confirmed, language: 'ko' })
    expect(subject).toBe(`주문이 확정되었습니다 (주문 번호 ${number}, Frühling & Söhne)`)
    expect(text).toContain('주문 일시: 2026년 12월 1일 오전 10:05 UTC')
    expect(text).toContain('€12.50 × 2개 = €25.00')
  })
})

describe('a mail in a language from right to left', () => {
  const texts: Texts = { ...LANGUAGES.of('en'), language: 'ar', direction: 'rtl' }
  const mail = renderMail(confirmed, { texts, link })

  it('is laid out from right to left, and keeps names and the number of the order unchanged', async () => {
    expect(mail.html).toContain('<html lang="ar" dir="rtl">')
    expect(mail.html).toContain('text-align: right; vertical-align: top')
    expect(mail.html).toContain('padding-right: 12px; text-align: left')
    expect(mail.html).toContain(`<bdi class="number" dir="ltr">${number}</bdi>`)
    expect(mail.html).toContain('<bdi>Parkett &lt;Reihe 1&gt;</bdi>')
    expect(await problemsOf(mail.html)).toEqual([])
  })

  it('separates a left-to-right name from its surroundings, also in the subject', () => {
    expect(mail.subject).toContain('\u2068Frühling & Söhne\u2069')
    expect(mail.text).toContain('  \u2068Parkett <Reihe 1>\u2069\n')
  })
})

it.each([
  ['JPY', '¥1,250', '¥2,500'],
  ['KWD', 'KWD 1.250', 'KWD 2.500'],
  ['HUF', 'HUF 12.50', 'HUF 25.00'],
  ['XYZ', 'XYZ 12.50', 'XYZ 25.00'],
])('amounts in %s have the usual format', (currency, price, total) => {
  const plain = renderMail({ ...confirmed, currency }).text.replaceAll('\u00a0', ' ')
  expect(plain).toContain(`2 × ${price}`)
  expect(plain).toContain(total)
})

describe('a mail of an older event', () => {
  const { saleName, createdAt, ...old } = bought
  const items = old.items.map(({ name, ...line }) => line)
  const mail = renderMail({ ...old, kind: 'confirmed', items }, { link })

  it('names the sale and the items by their ids, and has the configured sender', () => {
    expect(mail.subject).toBe(`Your order ${number} for spring is confirmed`)
    expect(mail.senderName).toBeUndefined()
    expect(mail.text).toContain('TKT-0034-A')
    expect(mail.text).not.toContain('Placed on')
  })

  it('is valid HTML', async () => {
    expect(await problemsOf(mail.html)).toEqual([])
  })
})

describe('an external name', () => {
  const named = (name: string) =>
    renderMail({ ...confirmed, saleName: name, items: confirmed.items.map((line) => ({ ...line, name })) }, { link })

  it.each([
    ['script', '<script>alert(1)</script>'],
    ['an attribute', `" onmouseover="alert('1')`],
    ['an entity', '&lt;b&gt; &amp;amp; &#0;'],
    ['a comment', '<!-- --> ]]> </title></style>'],
    ['many letters', 'W'.repeat(200)],
    ['emoji of many code points', '👩‍👩‍👧‍👦'.repeat(18)],
    ['text from right to left', 'מכירת אביב'],
    ['a reversed direction', 'sale \u202egnirps\u202c \u2066x'],
    ['line breaks and controls', 'Spring\r\nBcc: victim@shop.example\u0007\u2028sale'],
    ['nothing but blanks', ' \t\u00a0 '],
  ])('with %s stays text', async (_, name) => {
    const mail = named(name)
    expect(await problemsOf(mail.html)).toEqual([])
    expect(mail.html.match(/<script|onmouseover="|<!-- /g)).toBeNull()
    for (const header of [mail.subject, mail.senderName ?? ''])
      expect(header).not.toMatch(/[\p{Cc}\u2028\u202a-\u202e]/u)
    expect(mail.subject).toContain(number)
    expect(mail.text).not.toMatch(/^Bcc:/m)
  })

  it('is shortened in the subject between two characters, and whole in the mail', () => {
    const family = '👩‍👩‍👧‍👦'
    const mail = named(family.repeat(100))
    expect(mail.subject).toBe(`Your order ${number} for ${family.repeat(59)}… is confirmed`)
    expect(mail.text).toContain(family.repeat(100))
  })

  it('from right to left moves no text beside it', () => {
    expect(named('מכירת אביב').subject).toBe(`Your order ${number} for \u2068מכירת אביב\u2069 is confirmed`)
  })

  it('that is blank is replaced by the id', () => {
    expect(named('\u200f \n').subject).toBe(`Your order ${number} for spring is confirmed`)
    expect(named('\u200f \n').senderName).toBeUndefined()
  })
})
