import type { Page } from 'playwright-core'
import {
  admitted,
  boardWith,
  catalogueWith,
  claimedVoucher,
  endedPassResponse,
  joined,
  ordersWith,
  orderWith,
  problem,
  type Scripted,
  vouchersWith,
} from './scripted-responses.ts'

export type ScriptedResponses = Readonly<
  Record<
    | ('board' | 'look' | 'join' | 'ticket' | 'catalogue' | 'vouchers' | 'claim')
    | ('place' | 'order' | 'pass' | 'orders'),
    Scripted | 'nothing'
  >
>

const usual: ScriptedResponses = {
  board: boardWith({}),
  // The window is known, but has no place.
  look: problem('ticket-missing'),
  join: joined(4_211),
  ticket: admitted(),
  catalogue: catalogueWith(),
  vouchers: vouchersWith(),
  claim: claimedVoucher,
  place: { ...orderWith('pending'), status: 201 },
  order: orderWith('pending'),
  pass: endedPassResponse,
  orders: ordersWith(),
}

const pathOf: readonly (readonly [keyof ScriptedResponses, RegExp, string])[] = [
  ['board', /\/board$/, 'GET'],
  ['join', /\/tickets$/, 'POST'],
  ['ticket', /\/ticket$/, 'GET'],
  ['catalogue', /\/catalogue$/, 'GET'],
  ['vouchers', /\/vouchers$/, 'GET'],
  ['claim', /\/vouchers\/[a-z-]+$/, 'POST'],
  ['pass', /\/ended-pass$/, 'GET'],
  ['place', /\/orders$/, 'POST'],
  ['orders', /\/orders$/, 'GET'],
  ['order', /\/orders\/[0-9a-f-]+$/, 'GET'],
]

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key',
  'access-control-expose-headers': 'location, retry-after',
}

/** Gives the page exactly these responses. Rejects sockets, so that it polls. */
export async function script(page: Page, responses: Partial<ScriptedResponses> = {}): Promise<void> {
  const all = { ...usual, ...responses }
  await page.routeWebSocket(/\/live/, (socket) => socket.close())
  await page.route(/\/(board|tickets|ticket|catalogue|vouchers|ended-pass|orders)(\/[0-9a-z-]+)?$/, async (route) => {
    const request = route.request()
    // An order's own page has the same path as the order.
    if (request.isNavigationRequest()) return await route.continue()
    if (request.method() === 'OPTIONS') return await route.fulfill({ status: 204, headers: cors })
    const path = new URL(request.url()).pathname
    const asked = pathOf.find(([, pattern, method]) => pattern.test(path) && method === request.method())?.[0]
    const name = asked === 'ticket' && request.headers().authorization === undefined ? 'look' : asked
    const response = name === undefined ? 'nothing' : all[name]
    if (response === 'nothing') return await route.abort('connectionrefused')
    await route.fulfill({
      status: response.status,
      contentType: response.status < 400 ? 'application/json' : 'application/problem+json',
      headers: { ...cors, ...response.headers },
      body: JSON.stringify(response.body),
    })
  })
}

export async function fillIn(page: Page): Promise<void> {
  await page.getByRole('spinbutton').first().fill('1')
  await page.locator('#email').fill('buyer@example.com')
}
