import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { simulatedCharges } from '@floodgate/contracts'
import { startPaymentSimulator } from '@floodgate/simulators'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { UNPACED } from '../../testing/unpaced.ts'
import type { Attempt, BuyerProof, PaymentGateway, RefundCommand } from '../payment-gateway.ts'
import { tossCheck } from './toss-check.ts'
import { createTossGateway } from './toss-gateway.ts'

const SECRET_KEY = 'test_sk_simulator0001'
const RESILIENCE = {
  timeoutMs: 5_000,
  triesMax: 2,
  retryDelayMs: 1,
  breakerFailures: 50,
  breakerOpenMs: 50,
  pace: UNPACED,
}
const signal = new AbortController().signal

let simulator: Awaited<ReturnType<typeof startPaymentSimulator>>
let gateway: PaymentGateway

const createGateway = (changes: { url?: string; secretKey?: string; resilience?: Partial<typeof RESILIENCE> } = {}) =>
  createTossGateway({
    url: changes.url ?? simulator.url,
    secretKey: changes.secretKey ?? SECRET_KEY,
    returnUrl: 'http://shop.example/sales/{sale}?payment={order}',
    listedDays: 30,
    resilience: { ...RESILIENCE, ...changes.resilience },
  })

beforeAll(async () => {
  simulator = await startPaymentSimulator()
})
afterAll(() => simulator.stop())
beforeEach(async () => {
  gateway = createGateway()
  await Promise.all([behave('ok'), control({ fails: { code: 'COMMON_ERROR', times: 0 } })])
})

const post = (path: string, body: object) =>
  fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const behave = (mode: string, delayMs = 0) => post('/control', { mode, delayMs })
const control = (changes: object) => post('/toss/control', changes)
const fails = (code: string, { acts = false, times = 1 } = {}) => control({ fails: { code, acts, times } })
const chargesOf = async (orderId: string) =>
  simulatedCharges
    .parse(await (await fetch(`${simulator.url}/charges`)).json())
    .charges.filter((charge) => charge.orderId === orderId && charge.status === 'approved')

const newAttempt = (changes: Partial<Attempt> = {}): Attempt => {
  const orderId = changes.orderId ?? randomUUID()
  const base = { key: orderId, orderId, sale: 'demo', amountMinor: 39_000, currency: 'KRW' }
  return { ...base, reference: null, openedAtMs: Date.now(), ...changes }
}
const begin = (attempt: Attempt) => gateway.begin({ ...attempt, paymentMethod: 'card' }, signal)

/** Begins an attempt and records it, as the worker does. */
const begun = async (changes: Partial<Attempt> = {}) => {
  const attempt = newAttempt(changes)
  const outcome = await begin(attempt)
  if (outcome.kind !== 'needs-buyer') throw new Error(JSON.stringify(outcome))
  return { attempt: { ...attempt, reference: outcome.reference }, redirectUrl: outcome.redirectUrl }
}

/** Leaves the provider's page as a buyer does. Returns what the browser brings back. */
const choose = async (redirectUrl: string, choice: string): Promise<BuyerProof> => {
  const body = new URLSearchParams({ choice })
  const response = await fetch(redirectUrl, { method: 'POST', body, redirect: 'manual' })
  const back = new URL(response.headers.get('location') ?? '')
  expect(back.searchParams.get('payment')).toMatch(/^[0-9a-f-]{36}$/)
  back.searchParams.delete('payment')
  return Object.fromEntries(back.searchParams)
}
const authenticated = async (choice = 'pay', changes: Partial<Attempt> = {}) => {
  const { attempt, redirectUrl } = await begun(changes)
  return { ...attempt, proof: await choose(redirectUrl, choice) }
}
/** Returns the command of a part's refund, requested now. */
const refundOf = (chargeId: string): RefundCommand => ({
  ...{ key: 'refund', chargeId, orderId: 'order' },
  ...{ amountMinor: 9_000, currency: 'KRW', requestedAtMs: Date.now() },
})
const approved = async (changes: Partial<Attempt> = {}) => {
  const attempt = await authenticated('pay', changes)
  const outcome = await gateway.resume(attempt, signal)
  if (outcome.kind !== 'approved') throw new Error(JSON.stringify(outcome))
  return { attempt, chargeId: outcome.chargeId }
}

test('the buyer authenticates on the page of the provider, and the return of the buyer leads to the approval', async () => {
  const { attempt, redirectUrl } = await begun()
  expect(await gateway.lookUp(attempt, signal)).toMatchObject({ kind: 'needs-buyer', redirectUrl })
  const proof = await choose(redirectUrl, 'pay')
  expect(await gateway.lookUp(attempt, signal)).toMatchObject({ kind: 'needs-buyer' })
  expect(await chargesOf(attempt.orderId)).toEqual([])
  const paid = { kind: 'approved', chargeId: attempt.reference }
  expect(await gateway.resume({ ...attempt, proof }, signal)).toEqual(paid)
  expect(await gateway.resume({ ...attempt, proof }, signal)).toEqual(paid)
  expect(await gateway.lookUp(attempt, signal)).toEqual(paid)
  expect(await gateway.lookUp({ ...attempt, reference: null }, signal)).toEqual(paid)
  expect(await chargesOf(attempt.orderId)).toMatchObject([{ id: attempt.reference, amountMinor: 39_000 }])
})

test('a card that is rejected at the approval or before it, and a session that ran out, are declines', async () => {
  const poor = await authenticated('pay-without-money')
  expect(await gateway.resume(poor, signal)).toEqual({ kind: 'declined', reason: 'REJECT_CARD_PAYMENT' })
  const refused = await authenticated('be-refused')
  expect(await gateway.resume(refused, signal)).toEqual({ kind: 'declined', reason: 'REJECT_CARD_COMPANY' })
  const late = await authenticated()
  await control({ advanceSeconds: 600 })
  expect(await gateway.resume(late, signal)).toEqual({ kind: 'declined', reason: 'EXPIRED' })
})

test('a buyer who cancels on the page can go there again', async () => {
  const { attempt, redirectUrl } = await begun()
  const proof = await choose(redirectUrl, 'cancel')
  expect(await gateway.resume({ ...attempt, proof }, signal)).toMatchObject({ kind: 'needs-buyer', redirectUrl })
  const again = await choose(redirectUrl, 'pay')
  expect(await gateway.resume({ ...attempt, proof: again }, signal)).toMatchObject({ kind: 'approved' })
})

test('a proof of another payment, of another amount, or without authentication approves nothing', async () => {
  const other = await authenticated()
  const { proof, ...attempt } = await authenticated()
  const early = await begun()
  const forged: readonly (Attempt & { proof: BuyerProof })[] = [
    { ...attempt, proof: other.proof },
    { ...attempt, proof: { ...proof, amount: '100' } },
    { ...attempt, proof: {} },
    { ...attempt, reference: null, proof },
    { ...early.attempt, proof: { paymentKey: early.attempt.reference ?? '' } },
  ]
  for (const each of forged) expect(await gateway.resume(each, signal)).toMatchObject({ kind: 'needs-buyer' })
  const stranger = { ...attempt, reference: other.reference, proof: other.proof }
  expect(await gateway.resume(stranger, signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  expect(await chargesOf(attempt.orderId)).toEqual([])
  expect(await chargesOf(early.attempt.orderId)).toEqual([])
})

test('an approval whose response is an error is judged by the payment, and a stored error blocks no later one', async () => {
  const lost = await authenticated()
  await fails('FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING', { acts: true })
  expect(await gateway.resume(lost, signal)).toMatchObject({ kind: 'approved' })
  for (const code of [
    'PROVIDER_ERROR',
    'COMMON_ERROR',
    'UNAUTHORIZED_KEY',
    'FORBIDDEN_REQUEST',
    'REJECT_CARD_COMPANY',
  ]) {
    const attempt = await authenticated()
    await fails(code)
    expect(await gateway.resume(attempt, signal)).toMatchObject({
      ...{ kind: 'unavailable', unknown: true },
      detail: expect.stringContaining(code),
    })
    expect(await gateway.resume(attempt, signal)).toMatchObject({ kind: 'approved' })
    expect(await chargesOf(attempt.orderId)).toHaveLength(1)
  }
})

test('an approval without a response is unknown, and approved once it is found', async () => {
  const hasty = createGateway({ resilience: { timeoutMs: 300 } })
  const attempt = await authenticated()
  await behave('ok', 600_000)
  expect(await hasty.resume(attempt, signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  expect(await hasty.close(attempt, signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  await behave('ok')
  await expect.poll(() => hasty.close(attempt, signal)).toMatchObject({ kind: 'approved' })
  expect(await chargesOf(attempt.orderId)).toHaveLength(1)
})

test('an attempt that is closed is never charged', async () => {
  expect(await gateway.close(newAttempt(), signal)).toEqual({ kind: 'key-closed' })
  expect(await gateway.close((await begun()).attempt, signal)).toEqual({ kind: 'key-closed' })
  const attempt = await authenticated()
  expect(await gateway.close(attempt, signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  await control({ advanceSeconds: 600 })
  expect(await gateway.close(attempt, signal)).toEqual({ kind: 'key-closed' })
  expect(await gateway.resume(attempt, signal)).toMatchObject({ kind: 'declined' })
  const { attempt: paid, chargeId } = await approved()
  expect(await gateway.close(paid, signal)).toEqual({ kind: 'approved', chargeId })
})

test('an order that was paid for is not begun again, even without its record', async () => {
  const { attempt, chargeId } = await approved()
  expect(await begin({ ...attempt, reference: null })).toEqual({ kind: 'approved', chargeId })
})

test('what Toss Payments cannot take is declined with the reason, and nothing is created', async () => {
  expect(await begin(newAttempt({ currency: 'EUR' }))).toEqual({
    kind: 'declined',
    reason: 'Toss Payments takes KRW only, not EUR',
  })
  expect(await begin(newAttempt({ amountMinor: 99 }))).toMatchObject({
    kind: 'declined',
    reason: expect.stringContaining('BELOW_MINIMUM_AMOUNT'),
  })
})

test('a provider that fails, limits, rejects our key or is away is never a decline', async () => {
  await behave('fail')
  expect(await begin(newAttempt())).toMatchObject({ kind: 'unavailable', unknown: false })
  expect(await gateway.lookUp(newAttempt(), signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  expect(await gateway.close(newAttempt(), signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  expect(await gateway.listCharges(signal)).toMatchObject({ kind: 'unavailable' })
  await behave('ok')
  await control({ writesPerSecondMax: 1, advanceSeconds: 1 })
  const many = await Promise.all(Array.from({ length: 10 }, () => begin(newAttempt())))
  await control({ writesPerSecondMax: 100_000 })
  expect(new Set(many.map(({ kind }) => kind))).toEqual(new Set(['needs-buyer', 'unavailable']))
  const stranger = createGateway({ secretKey: 'live_sk_simulator0001' })
  expect(await stranger.begin({ ...newAttempt(), paymentMethod: 'card' }, signal)).toMatchObject({
    ...{ kind: 'unavailable', unknown: false },
    detail: expect.stringContaining('UNAUTHORIZED_KEY'),
  })
  expect(await stranger.lookUp(newAttempt(), signal)).toMatchObject({ kind: 'unavailable' })
  const away = createGateway({ url: 'http://127.0.0.1:1' })
  expect(await away.begin({ ...newAttempt(), paymentMethod: 'card' }, signal)).toMatchObject({ kind: 'unavailable' })
})

test('a refund is made once for each key, in parts up to the balance', async () => {
  const { attempt, chargeId } = await approved()
  const refund = (key: string, amountMinor: number) =>
    gateway.refund({ key, chargeId, amountMinor, currency: 'KRW', orderId: 'order', requestedAtMs: Date.now() }, signal)
  const first = await refund('refund:1', 9_000)
  expect(first).toMatchObject({ kind: 'refunded' })
  expect(await refund('refund:1', 9_000)).toEqual(first)
  expect(await refund('refund:2', 30_001)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('NOT_CANCELABLE_AMOUNT'),
  })
  expect(await refund('refund:3', 30_000)).toMatchObject({ kind: 'refunded' })
  expect(await refund('refund:4', 1)).toMatchObject({ kind: 'refused' })
  expect(await chargesOf(attempt.orderId)).toMatchObject([{ refundedMinor: 39_000 }])
  expect(
    await gateway.refund(
      { key: 'r', chargeId: 'none', amountMinor: 1, currency: 'KRW', orderId: 'order', requestedAtMs: Date.now() },
      signal,
    ),
  ).toMatchObject({
    kind: 'refused',
  })
})

test('a refund after a stored error is made once, whether or not the first call took effect', async () => {
  for (const acts of [true, false]) {
    const { attempt, chargeId } = await approved()
    const refund = () => gateway.refund({ ...refundOf(chargeId), key: `refund:${chargeId}` }, signal)
    await fails('FAILED_METHOD_HANDLING_CANCEL', { acts })
    expect(await refund()).toMatchObject({ kind: 'refunded' })
    expect(await refund()).toMatchObject({ kind: 'refunded' })
    expect(await chargesOf(attempt.orderId)).toMatchObject([{ refundedMinor: 9_000 }])
  }
})

test('calls that come too soon open no breaker, and a refund that was rejected so is made afterwards, once', async () => {
  const fragile = createGateway({ resilience: { breakerFailures: 1 } })
  const { attempt, chargeId } = await approved()
  const command = refundOf(chargeId)
  // The rejection is stored under the key of the refund.
  await fails('FORBIDDEN_CONSECUTIVE_REQUEST', { times: 2 })
  expect(await fragile.refund(command, signal)).toMatchObject({
    ...{ kind: 'unavailable', detail: expect.stringContaining('FORBIDDEN_CONSECUTIVE_REQUEST') },
  })
  expect(fragile.breakerState()).toBe('closed')
  const later = {
    key: 'refund-2',
    chargeId,
    amountMinor: 1_000,
    currency: 'KRW',
    orderId: 'order',
    requestedAtMs: Date.now(),
  }
  await fails('FORBIDDEN_CONSECUTIVE_REQUEST')
  expect(await fragile.refund(later, signal)).toMatchObject({ kind: 'refunded' })
  expect(await chargesOf(attempt.orderId)).toMatchObject([{ refundedMinor: 1_000 }])
})

test('a refund that keeps failing, or without a response, waits; the same key refunds once afterwards', async () => {
  const { attempt, chargeId } = await approved()
  const refund = (through = gateway) => through.refund(refundOf(chargeId), signal)
  await fails('PROVIDER_ERROR', { times: 2 })
  expect(await refund()).toMatchObject({ kind: 'unavailable', detail: expect.stringContaining('PROVIDER_ERROR') })
  await behave('fail')
  expect(await refund()).toMatchObject({ kind: 'unavailable' })
  await behave('ok')

  const { attempt: slow, chargeId: slowId } = await approved()
  const hasty = createGateway({ resilience: { timeoutMs: 300 } })
  const command = refundOf(slowId)
  await behave('ok', 600_000)
  expect(await hasty.refund(command, signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  expect(await hasty.refund(command, signal)).toMatchObject({ kind: 'unavailable', unknown: true })
  await behave('ok')
  await expect.poll(() => hasty.refund(command, signal)).toMatchObject({ kind: 'refunded' })
  expect(await chargesOf(slow.orderId)).toMatchObject([{ refundedMinor: 9_000 }])
  expect(await chargesOf(attempt.orderId)).toMatchObject([{ refundedMinor: 0 }])
})

test('every approved payment of an order is listed, with what was given back of it', async () => {
  const { attempt, chargeId } = await approved()
  const { attempt: whole, chargeId: wholeId } = await approved({ amountMinor: 1_000 })
  await gateway.refund(
    { key: 'r1', chargeId, amountMinor: 4_000, currency: 'KRW', orderId: 'order', requestedAtMs: Date.now() },
    signal,
  )
  await gateway.refund(
    { key: 'r2', chargeId, amountMinor: 5_000, currency: 'KRW', orderId: 'order', requestedAtMs: Date.now() },
    signal,
  )
  await gateway.refund(
    { key: 'r3', chargeId: wholeId, amountMinor: 1_000, currency: 'KRW', orderId: 'order', requestedAtMs: Date.now() },
    signal,
  )
  await approved({ key: 'of-another-system', orderId: randomUUID() })
  const listed = await gateway.listCharges(signal)
  if (listed.kind !== 'listed') throw new Error(listed.detail)
  const ours = new Map(listed.charges.map((charge) => [charge.orderId, charge]))
  expect(ours.get(attempt.orderId)).toMatchObject({ chargeId, amountMinor: 39_000, refundedMinor: 9_000 })
  expect(ours.get(whole.orderId)).toMatchObject({ amountMinor: 1_000, refundedMinor: 1_000, currency: 'KRW' })
  expect(new Set(listed.charges.map((charge) => charge.chargeId)).size).toBe(listed.charges.length)
})

test('charges are listed page by page, and never in part', async () => {
  const orders = Array.from({ length: 7_000 }, () => randomUUID())
  const transactionOf = (orderId: string, n: number) => ({
    ...{ transactionKey: `T${n}`, paymentKey: `P${n}`, orderId, status: 'DONE', amount: 1_000, currency: 'KRW' },
    transactionAt: '2026-01-03T12:11:34+09:00',
  })
  let pages = 2
  const server: Server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://toss').searchParams
    const start = Number(query.get('startingAfter')?.slice(1) ?? -1) + 1
    if (start > 0 && pages === 1) return void response.writeHead(500).end('{}')
    const end = start + Number(query.get('limit'))
    response.end(JSON.stringify(orders.slice(start, end).map((order, n) => transactionOf(order, start + n))))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const paged = createGateway({ url })
  const listed = await paged.listCharges(signal)
  expect(listed.kind === 'listed' && listed.charges.map(({ orderId }) => orderId)).toEqual(orders)
  pages = 1
  expect(await paged.listCharges(signal)).toMatchObject({ kind: 'unavailable', unknown: false })
})

test('a webhook is a hint about an order, and never more', () => {
  const order = randomUUID()
  const read = (body: unknown) =>
    gateway.readWebhook({ headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) })
  const event = (data: unknown) => ({ eventType: 'PAYMENT_STATUS_CHANGED', createdAt: '2026-01-01T00:00:00', data })
  expect(read(event({ orderId: order, status: 'DONE' }))).toEqual({ kind: 'hint', orderId: order, isUnsigned: true })
  expect(read(event({ orderId: `${order}.2` }))).toEqual({ kind: 'hint', orderId: order, isUnsigned: true })
  expect(read(event({ orderId: 'of-another-system' }))).toEqual({ kind: 'ignored' })
  expect(read({ eventType: 'DEPOSIT_CALLBACK' })).toEqual({ kind: 'ignored' })
  for (const body of ['', 'null', '[]', '{', '"x"', {}, event(null), event({}), event({ orderId: 1 })])
    expect(read(body)).toMatchObject({ kind: 'refused' })
})

test('an open breaker calls nobody, and closes after a probe', async () => {
  const fragile = createGateway({ resilience: { breakerFailures: 1, triesMax: 1 } })
  await behave('fail')
  await fragile.lookUp(newAttempt(), signal)
  expect(fragile.breakerState()).toBe('open')
  expect(await fragile.begin({ ...newAttempt(), paymentMethod: 'card' }, signal)).toMatchObject({
    kind: 'unavailable',
    unknown: false,
  })
  await behave('ok')
  await expect
    .poll(async () => {
      await fragile.probe(signal)
      return fragile.breakerState()
    })
    .toBe('closed')
})

test('the check of the connection tells a rejected key from a provider that is down or somewhere else', async () => {
  const check = (tossSecretKey: string, tossUrl = simulator.url) => tossCheck({ tossUrl, tossSecretKey }).run(signal)
  expect(await check(SECRET_KEY)).toEqual({ kind: 'ok', detail: 'secret key accepted' })
  expect(await check('live_sk_simulator0001')).toMatchObject({
    problem: 'Toss Payments rejected the secret key (UNAUTHORIZED_KEY)',
  })
  await behave('fail')
  expect(await check(SECRET_KEY)).toMatchObject({
    problem: expect.stringContaining('FAILED_INTERNAL_SYSTEM_PROCESSING'),
  })
  const server = createServer((_, response) => void response.writeHead(404).end('not here'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  expect(await check(SECRET_KEY, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)).toMatchObject({
    ...{ problem: 'no Toss Payments at this URL: it responded with 404', advice: 'Correct TOSS_URL.' },
  })
})

test('a refund of a part is made once although the provider has forgotten its key, and not while it cannot be looked up', async () => {
  const { attempt, chargeId } = await approved()
  const command = refundOf(chargeId)
  const made = await gateway.refund(command, signal)
  expect(made).toMatchObject({ kind: 'refunded' })
  const fifteenDaysMs = 15 * 86_400_000
  await control({ advanceSeconds: fifteenDaysMs / 1_000 })
  const old = { ...command, orderId: 'order', requestedAtMs: Date.now() - fifteenDaysMs }
  expect(await gateway.refund(old, signal)).toEqual(made)
  expect(await chargesOf(attempt.orderId)).toMatchObject([{ refundedMinor: 9_000 }])
  const other = { ...old, key: 'refund-2' }
  await behave('fail')
  expect(await gateway.refund(other, signal)).toMatchObject({ kind: 'unavailable' })
  await behave('ok')
  expect(await gateway.refund(other, signal)).toMatchObject({ kind: 'refunded' })
  expect(await chargesOf(attempt.orderId)).toMatchObject([{ refundedMinor: 18_000 }])
})
