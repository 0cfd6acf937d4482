import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { UNPACED } from '../../testing/unpaced.ts'
import { createResilience, ProviderFailure } from '../resilience.ts'
import { createFindIntent } from './find-intent.ts'
import { createCallStripe, createStripeClient } from './stripe-client.ts'

const signal = new AbortController().signal
const RESILIENCE = { timeoutMs: 30_000, triesMax: 1, retryDelayMs: 1, breakerFailures: 10, breakerOpenMs: 100 }

/** Lists `count` payments, one a page, newest first; the oldest is that of the key. Fails the first time at page `failsAt`. */
async function startLongList(count: number, key: string, failsAt?: number) {
  const asked: (string | null)[] = []
  const server = createServer((request, response) => {
    const after = new URL(request.url ?? '', 'http://stripe').searchParams.get('starting_after')
    asked.push(after)
    if (asked.length === failsAt) return void response.writeHead(500).end('{}')
    const at = after === null ? 1 : Number(after.slice('pi_'.length)) + 1
    const data = [{ id: `pi_${at}`, object: 'payment_intent', metadata: at === count ? { floodgate_key: key } : {} }]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ object: 'list', data, has_more: at < count }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function attemptOf(key: string) {
  const money = { amountMinor: 1_250, currency: 'EUR' }
  return { key, orderId: key, sale: 'demo', ...money, reference: null, openedAtMs: Date.now() }
}

const findAt = (url: string) =>
  createFindIntent({
    stripe: createStripeClient({ url, secretKey: 'sk_test_123' }),
    call: createCallStripe(createResilience({ ...RESILIENCE, pace: UNPACED })),
  })

test('a payment in a list too long for one round is found by the next, which continues there', async () => {
  const { asked, url } = await startLongList(35, 'order')
  const find = findAt(url)
  const attempt = attemptOf('order')
  await expect(find(attempt, signal)).rejects.toThrow(ProviderFailure)
  expect(asked).toHaveLength(30)
  expect(await find(attempt, signal)).toMatchObject({ id: 'pi_35' })
  expect(asked).toHaveLength(35)
  expect(new Set(asked).size, 'no page twice').toBe(35)
})

test('a pass that fails midway is continued where it failed', async () => {
  const { asked, url } = await startLongList(20, 'the-last', 15)
  const find = findAt(url)
  await expect(find(attemptOf('the-last'), signal)).rejects.toThrow(ProviderFailure)
  expect(await find(attemptOf('the-last'), signal)).toMatchObject({ id: 'pi_20' })
  expect(asked).toHaveLength(21)
  expect(asked[15], 'the page that failed').toBe(asked[14])
})

test('attempts that are looked for at the same time share one pass, and each gets its own payment or none', async () => {
  const { asked, url } = await startLongList(20, 'the-last')
  const find = findAt(url)
  // The first one begins a pass; the others share the next.
  const keys = ['the-last', ...Array.from({ length: 50 }, (_, at) => `none-${at}`), 'the-last']
  const found = await Promise.all(keys.map((key) => find(attemptOf(key), signal)))
  expect(found.map((intent) => intent?.id)).toEqual(keys.map((key) => (key === 'the-last' ? 'pi_20' : undefined)))
  expect(asked).toHaveLength(40)
})
