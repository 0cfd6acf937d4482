import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bodyOf } from '@floodgate/client'
import { joinResponse, problemBody, type SaleIdentity, ticketStatus } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openWindow, takeScreenshot, type Window } from './browser.ts'
import { openSale, operatorOf, startOwnSystem } from './demo-system.ts'
import { fillIn } from './script-page.ts'

const ISSUER = 'https://login.shop.example'
const SIGN_IN = 'http://127.0.0.1:1/sign-in'
/** How long a slow machine may take. */
const patience = { timeout: 60_000, interval: 100 }
const WEEK_MS = 7 * 86_400_000
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
let running: { system: System; stop(): Promise<void> }
let window: Window
let issuer: Server

beforeAll(async () => {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA', use: 'sig' }
  issuer = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] }))).listen(0, '127.0.0.1')
  running = await startOwnSystem()
  const jwksUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json`
  const identity: SaleIdentity = { mode: 'required', issuer: ISSUER, audience: 'line', jwksUrl }
  await openSale(running.system, 'members', { identity })
  // Nobody is admitted here.
  await openSale(running.system, 'slow', { identity, maxActive: 1 })
  window = await openWindow()
})
afterAll(async () => {
  await window?.close()
  await running?.stop()
  issuer?.close()
})

function idTokenOf(sub: string, claims: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1_000)
  const header = { alg: 'EdDSA', kid: 'one', typ: 'JWT' }
  const signed = `${part(header)}.${part({ iss: ISSUER, aud: 'line', sub, iat: now, exp: now + 600, ...claims })}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}
const addressOf = (sale: string, idToken?: string) =>
  `${running.system.urls.waitingRoom}/sales/${sale}${idToken === undefined ? '' : `#identity=${idToken}`}`
const visit = async (sale: string, idToken?: string): Promise<Page> => {
  const page = await window.newPage()
  await page.goto(addressOf(sale, idToken))
  return page
}
/** Waits until the page of a sale, as it is served, has changed: a page that was loaded before keeps its settings. */
const untilServed = (sale: string, hasChanged: (html: string) => boolean) =>
  expect.poll(async () => hasChanged(await (await fetch(addressOf(sale))).text()), patience).toBe(true)
const untilScreen = (page: Page, screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor()
const revoke = async (subject: string) => {
  const response = await fetch(`${running.system.urls.waitingRoom}/admin/revocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.system.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ issuer: ISSUER, subject, until: new Date(Date.now() + 600_000).toISOString() }),
  })
  expect(response.status).toBe(201)
}
/** Joins without a browser; resolves to the pass. */
const admit = async (sub: string): Promise<string> => {
  const path = `${running.system.urls.waitingRoom}/sales/members`
  const joined = await fetch(`${path}/tickets`, { method: 'POST', headers: { 'floodgate-identity': idTokenOf(sub) } })
  const { ticket } = joinResponse.parse(await joined.json())
  return await vi.waitFor(async () => {
    const polled = await fetch(`${path}/ticket`, { headers: { authorization: `Bearer ${ticket}` } })
    const status = ticketStatus.parse(await polled.json())
    if (status.state !== 'admitted') throw new Error(status.state)
    return status.admission
  }, patience)
}

it('a buyer whom the shop sends with an ID token buys; the address loses the token at once', async () => {
  const page = await visit('members', idTokenOf('ann'))
  await untilScreen(page, 'your-turn')
  expect(page.url()).toBe(addressOf('members'))
  await page.reload()
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  await page.getByRole('button', { name: /^Buy for/ }).click()
  await untilScreen(page, 'confirmed')
  expect(window.errors).toEqual([])
})

it('a buyer without one sees where to sign in, and continues when the shop sends it to the same tab', async () => {
  const other = await openWindow()
  try {
    const { rooms } = operatorOf(running.system)
    const sale = await bodyOf(rooms.readSale({ params: { sale: 'members' } }))
    const { name, admitPerSecond, maxActive, admissionTtlSeconds, identity } = sale
    const shop = { returnOrigins: [new URL(SIGN_IN).origin], defaultReturnUrl: SIGN_IN }
    const settings = { name, admitPerSecond, maxActive, admissionTtlSeconds, identity, ...shop }
    await bodyOf(rooms.putSale({ params: { sale: 'members' }, body: settings }))
    await untilServed('members', (html) => html.includes(SIGN_IN))
    const page = await other.newPage()
    await page.goto(addressOf('members'))
    await page.getByRole('heading', { name: 'Please sign in at the shop first' }).waitFor()
    const link = page.getByRole('link', { name: 'Go to the shop' })
    expect(await link.getAttribute('href')).toBe(SIGN_IN)
    await takeScreenshot(page, 'sign-in-first')
    const withoutShop = { ...settings, returnOrigins: [], defaultReturnUrl: null }
    await bodyOf(rooms.putSale({ params: { sale: 'members' }, body: withoutShop }))
    await untilServed('members', (html) => !html.includes(SIGN_IN))
    await page.goto(addressOf('members', idTokenOf('bob', { exp: 1 })))
    await page.getByRole('heading', { name: 'Please sign in at the shop again' }).waitFor()
    await page.goto(addressOf('members', idTokenOf('bob')))
    await untilScreen(page, 'your-turn')
    expect(page.url()).toBe(addressOf('members'))
  } finally {
    await other.close()
  }
})

it('an account that is revoked while it waits gets that message, and cannot join again', async () => {
  const first = await openWindow()
  try {
    const inside = await first.newPage()
    await inside.goto(addressOf('slow', idTokenOf('inside')))
    await untilScreen(inside, 'your-turn')
    const page = await visit('slow', idTokenOf('carl'))
    await untilScreen(page, 'waiting')
    await revoke('carl')
    await page.getByRole('heading', { name: 'You cannot take part in this sale' }).waitFor()
    await takeScreenshot(page, 'account-revoked')
    await page.reload()
    await page.getByRole('heading', { name: 'You cannot take part in this sale' }).waitFor()
  } finally {
    await first.close()
  }
})

it('the order core rejects the pass of a revoked account', async () => {
  const admission = await admit('dora')
  await revoke('dora')
  await vi.waitFor(async () => {
    const response = await fetch(`${running.system.urls.orderCore}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${admission}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      // An order that is never placed, so that it can be tried until it is rejected.
      body: JSON.stringify({
        ...{ items: [{ sku: 'NOTHING', quantity: 1 }], email: 'dora@example.com', paymentMethod: 'sim_ok' },
      }),
    })
    expect(problemBody.parse(await response.json()).code).toBe('admission-revoked')
  }, patience)
})

it('the operator revokes an account in the console, sees it in the list and ends it', async () => {
  const page = await window.newPage()
  await page.goto(running.system.urls.console)
  const panel = page.locator('section.card', { hasText: 'Revoked accounts' })
  await panel.getByLabel('Issuer (iss)').fill(ISSUER)
  await panel.getByLabel('Its sub or jti').fill('emil')
  await panel.getByRole('button', { name: 'Revoke', exact: true }).click()
  await panel.getByText('Enter when the revocation ends.').waitFor()
  await panel.getByLabel('Until').fill(new Date(Date.now() + WEEK_MS).toISOString().slice(0, 16))
  await panel.getByRole('button', { name: 'Revoke', exact: true }).click()
  const row = panel.locator('li', { hasText: 'Account emil' })
  await row.waitFor()
  await row.getByRole('button', { name: 'End' }).click()
  await panel.getByText('The revocation has ended.').waitFor()
  await row.waitFor({ state: 'detached' })
})
