import { afterEach, expect, it, vi } from 'vitest'
import { createOperator } from './operator.ts'

afterEach(() => vi.unstubAllGlobals())

const CORE = 'https://core.example'
const trace = { order: 'order-1', steps: [{ at: '2027-01-01T00:00:00.000Z', app: 'order-core', step: 'placed' }] }

it.each([
  ['apps behind one host name are asked once', [CORE, CORE, CORE], 1],
  ['apps with addresses of their own are all asked', [CORE, 'https://pay.example', 'https://mail.example'], 3],
] as const)('a purchase: %s', async (_, [orderCoreUrl, paymentWorkerUrl, notifierUrl], times) => {
  const fetched = vi.fn(async () => Response.json(trace))
  vi.stubGlobal('fetch', fetched)
  const { replies } = await createOperator({ orderCoreUrl, paymentWorkerUrl, notifierUrl }, 'token').trace('order-1')
  expect(fetched).toHaveBeenCalledTimes(times)
  expect(replies).toHaveLength(times)
})
