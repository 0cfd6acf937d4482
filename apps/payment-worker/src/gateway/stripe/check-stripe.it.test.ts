import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { STRIPE_KEY } from '../../testing/stripe-face.ts'
import { checkStripe } from './check-stripe.ts'

/** Responds to every call with an empty list, by a clock that is ahead. */
async function startAhead(seconds: number): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() + seconds * 1_000).toUTCString())
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ object: 'list', data: [], has_more: false }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each([
  [0, 'warning', /^a key of the test mode$/],
  [600, 'failed', /^its clock differs by (?:599|600|601) s$/],
])('a clock of Stripe that is ahead by %i s: %s', async (seconds, kind, problem) => {
  const address = { url: await startAhead(seconds), secretKey: STRIPE_KEY }
  const found = await checkStripe(address, new AbortController().signal)
  expect(found).toMatchObject({ kind, problem: expect.stringMatching(problem) })
})
