import { orderNumber } from '@floodgate/contracts'
import { createLinkVerifier } from '@floodgate/order-link'
import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createOrder, type Fixture, startFixture } from '../testing/fixture.ts'

let fixture: Fixture
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())
beforeEach(async () => {
  await fixture.controlMail({ mode: 'ok' })
  notifier = await fixture.startNotifier({ MAIL_ATTEMPTS: '2' })
})
afterEach(() => notifier.stop())

const mailsOf = (order: string) => fixture.mailsOf(order)
const status = (order: string, expected: string) =>
  eventually(async () => expect((await fixture.mailRows(order)).map((row) => row.status)).toEqual([expected]))

test('a confirmed order is mailed once, however often and under however many ids its event is delivered', async () => {
  const order = await createOrder({ email: 'someone@example.org' })
  const event = order.confirmed()
  await fixture.publish(event, event, order.confirmed())
  await status(order.id, 'sent')
  await fixture.publish(event)
  const next = await createOrder()
  await fixture.publish(next.confirmed())
  await status(next.id, 'sent')
  expect(await mailsOf(order.id)).toMatchObject([
    {
      messageId: `<${order.id}.confirmed@floodgate.invalid>`,
      to: 'someone@example.org',
      from: { name: 'Floodgate', address: 'orders@floodgate.invalid' },
      subject: `Your order ${orderNumber(order.id)} for demo is confirmed`,
      text: expect.stringContaining('2 × €12.50 = €25.00'),
      html: expect.stringContaining('<td class="amount">€25.00</td>'),
    },
  ])
})

test('the mail server gets every address that the grammar accepts, with its domain in ASCII', async () => {
  const addresses = [
    ['r&d@example.com', 'r&d@example.com'],
    ["o'hara.{x}|~`^?*%$+-_=/!#@example.com", "o'hara.{x}|~`^?*%$+-_=/!#@example.com"],
    ['a@почта.рф', 'a@xn--80a1acny.xn--p1ai'],
    ['a@xn--mller-kva.example', 'a@xn--mller-kva.example'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ] as const
  const orders = await Promise.all(addresses.map(([email]) => createOrder({ email })))
  await fixture.publish(...orders.map((order) => order.confirmed()))
  for (const [at, order] of orders.entries()) {
    await status(order.id, 'sent')
    expect((await mailsOf(order.id)).map(({ to }) => to)).toEqual([addresses[at]?.[1]])
  }
})

test('a mail names its sale, is marked as automatic, and links to its order', async () => {
  const order = await createOrder({ names: { sale: 'Frühling & Söhne', item: 'Parkett <Reihe 1>' } })
  await fixture.publish(order.confirmed())
  await status(order.id, 'sent')
  const [mail] = await mailsOf(order.id)
  expect(mail).toMatchObject({
    from: { name: 'Frühling & Söhne', address: 'orders@floodgate.invalid' },
    subject: `Your order ${orderNumber(order.id)} for Frühling & Söhne is confirmed`,
    text: expect.stringContaining('Parkett <Reihe 1>'),
    html: expect.stringContaining('Parkett &lt;Reihe 1&gt;'),
    headers: {
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'OOF, AutoReply',
      'content-language': 'en',
    },
  })
  expect(Math.abs(Date.parse(mail?.headers.date ?? '') - Date.now())).toBeLessThan(600_000)
  const link = `https://queue.example/sales/demo/orders/${order.id}#key=`
  const [, token = ''] =
    mail?.text
      .split(/\s/)
      .find((word) => word.startsWith(link))
      ?.split(link) ?? []
  expect(mail?.html).toContain(`href="${link}${token}"`)
  const keys = [{ kid: fixture.emailKid, bytes: Buffer.from(fixture.emailKey, 'base64url') }] as const
  expect(await createLinkVerifier(keys)(token, order.id)).toBe('valid')
})

test('a mail is in the language of its event, or in English where the notifier lacks that language', async () => {
  const names = { sale: '봄 공연', item: 'R석 1열' }
  const korean = await createOrder({ names, language: 'ko' })
  const unknown = await createOrder({ names, language: 'tlh' })
  await fixture.publish(korean.confirmed(), unknown.confirmed())
  await status(korean.id, 'sent')
  await status(unknown.id, 'sent')
  expect(await mailsOf(korean.id)).toMatchObject([
    {
      from: { name: '봄 공연' },
      subject: `주문이 확정되었습니다 (주문 번호 ${orderNumber(korean.id)}, 봄 공연)`,
      text: expect.stringContaining('R석 1열'),
      html: expect.stringContaining('<html lang="ko" dir="ltr">'),
      headers: { 'content-language': 'ko' },
    },
  ])
  expect(await mailsOf(unknown.id)).toMatchObject([
    {
      subject: `Your order ${orderNumber(unknown.id)} for 봄 공연 is confirmed`,
      headers: { 'content-language': 'en' },
    },
  ])
})

test.each([
  ['a quote', 'The "Blue" <Note>, Inc. \\'],
  ['line breaks', 'Spring\r\nBcc: victim@shop.example\r\n\r\nHello'],
  ['emoji', '🎟️ Ticket 👩‍👩‍👧‍👦 sale'],
  ['text from right to left', 'מכירת אביב'],
  ['200 letters', 'ü'.repeat(200)],
  ['an address', 'victim@shop.example'],
])('a sale whose name has %s changes no other header', async (_, sale) => {
  const order = await createOrder({ email: 'someone@example.org', names: { sale, item: sale } })
  await fixture.publish(order.confirmed())
  await status(order.id, 'sent')
  const [mail] = await mailsOf(order.id)
  expect(mail?.to).toBe('someone@example.org')
  expect(mail?.from.address).toBe('orders@floodgate.invalid')
  expect(mail?.from.name).toBe(sale.length < 200 ? sale.replaceAll(/\s+/g, ' ') : `${'ü'.repeat(59)}…`)
  expect(Object.keys(mail?.headers ?? {}).sort()).toEqual([
    'auto-submitted',
    'content-language',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
    'x-auto-response-suppress',
  ])
  expect(mail?.subject).toContain(orderNumber(order.id))
})

test('only the operator sees what was mailed', async () => {
  const order = await createOrder()
  await fixture.publish(order.confirmed())
  await status(order.id, 'sent')
  const path = `${notifier.url()}/admin/traces/${order.id}`
  expect((await fetch(path)).status).toBe(401)
  const response = await fetch(path, { headers: { authorization: `Bearer ${fixture.adminToken}` } })
  expect(await response.json()).toMatchObject({
    order: order.id,
    steps: [{ step: 'mail queued' }, { step: 'mail sent', detail: 'confirmed, attempt 1' }],
  })
})

test('a cancelled and refunded order gets a mail for each; an abandoned one gets none', async () => {
  const order = await createOrder()
  const abandoned = await createOrder()
  await fixture.publish(
    abandoned.cancelled('abandoned'),
    order.cancelled('expired'),
    order.refundRequested(),
    order.refunded(),
  )
  await eventually(async () => expect(await mailsOf(order.id)).toHaveLength(2))
  const number = orderNumber(order.id)
  expect((await mailsOf(order.id)).map((mail) => mail.subject).sort()).toEqual([
    `The refund for your order ${number} for demo has been made`,
    `Your order ${number} for demo has expired`,
  ])
  expect(await fixture.mailRows(abandoned.id)).toEqual([])
})

test('while the mail server fails nothing is lost, and afterwards everything is sent once', async () => {
  await fixture.controlMail({ mode: 'fail' })
  const orders = await Promise.all(Array.from({ length: 30 }, () => createOrder()))
  await fixture.publish(...orders.map((order) => order.confirmed()))
  await eventually(async () => {
    for (const order of orders) expect((await fixture.mailRows(order.id))[0]?.attempts).toBeGreaterThan(0)
  })
  await fixture.controlMail({ mode: 'ok' })
  for (const order of orders) await status(order.id, 'sent')
  const ids = (await fixture.messages()).map((mail) => mail.messageId)
  for (const order of orders) expect(ids.filter((id) => id.includes(order.id))).toHaveLength(1)
})

test('a permanently rejected mail is given up after its attempts', async () => {
  await fixture.controlMail({ mode: 'reject' })
  const order = await createOrder()
  await fixture.publish(order.confirmed())
  await status(order.id, 'dead')
  expect(await fixture.mailRows(order.id)).toMatchObject([{ status: 'dead', attempts: 2, rejections: 2 }])
})

test('an address that cannot be opened affects its own mail and nothing else', async () => {
  const broken = await createOrder({ sealedEmail: 'not.a.jwe' })
  const order = await createOrder()
  await fixture.publish(broken.confirmed(), order.confirmed())
  await status(broken.id, 'dead')
  await status(order.id, 'sent')
  const metrics = await (await fetch(`${notifier.opsUrl()}/metrics`)).text()
  expect(metrics).toMatch(/floodgate_mails_total\{[^}]*unreadable[^}]*\} 1/)
})
