import { AxeBuilder } from '@axe-core/playwright'
import { caughtMessages } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createProvider } from '../client/externals.ts'
import { desk, openWindow, phone, takeScreenshot, type Window } from './browser.ts'
import { openSale, startOwnSystem } from './demo-system.ts'
import { cancelsAPaidOrder, isTooLateToCancel, returnsFromTheBank, seesAPartialRefund } from './paid-orders.ts'
import { fillIn } from './script-page.ts'
import { problem } from './scripted-responses.ts'

/** A name that is not this machine's own, over plain http: no secure context. */
const PLAIN_ORIGIN = 'http://shop.test'
/** How long a slow machine may take. */
const patience = { timeout: 60_000 }
const PAID_SALES = ['paid', 'paid-late', 'paid-part', 'at-bank']
const windows: Window[] = []
let running: { system: System; stop(): Promise<void> }

beforeAll(async () => {
  vi.stubEnv('ALLOWED_ORIGINS', PLAIN_ORIGIN)
  running = await startOwnSystem()
  for (const sale of ['plain', 'throws', 'bought', 'gone', 'page', 'pending', 'mailed', ...PAID_SALES])
    await openSale(running.system, sale)
  await openSale(running.system, 'blocked', { maxActive: 1 })
})
afterAll(async () => {
  for (const window of windows) await window.close()
  await running?.stop()
  vi.unstubAllEnvs()
})

const buyer = async (...options: Parameters<typeof openWindow>): Promise<Window> => {
  const window = await openWindow(...options)
  windows.push(window)
  return window
}
const visit = async (window: Window, path: string): Promise<Page> => {
  const page = await window.newPage()
  await page.goto(`${running.system.urls.waitingRoom}/sales/${path}`)
  return page
}
const untilScreen = (page: Page, screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor()
const buy = async (page: Page) => {
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  await page.getByRole('button', { name: /^Buy for/ }).click()
}

/** Number of the page's requests for a place. */
const countJoins = (window: Window) => {
  const joins: string[] = []
  window.context.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/tickets')) joins.push(request.url())
  })
  return joins
}

/** The link to this order's page in a mail that has arrived. */
const linkInMail = async (address: string): Promise<string> => {
  let link: string | undefined
  await expect
    .poll(async () => {
      const { messages } = caughtMessages.parse(await (await fetch(`${running.system.urls.mail}/messages`)).json())
      link = messages
        .flatMap(({ text }) => text.match(/https?:\S+#key=\S+/g) ?? [])
        .find((one) => one.startsWith(`${address}#`))
      return link
    }, patience)
    .toBeDefined()
  return link ?? ''
}
const linkExpired = problem('link-expired')
const expired = {
  status: linkExpired.status,
  contentType: 'application/problem+json',
  headers: { 'access-control-allow-origin': '*' },
  body: JSON.stringify(linkExpired.body),
}

describe('a buyer who comes back', () => {
  it('sees its order in a new tab instead of standing in line again, and joins by a button', async () => {
    const window = await buyer()
    const first = await visit(window, 'bought')
    await buy(first)
    await untilScreen(first, 'confirmed')
    await first.close()
    const joins = countJoins(window)
    const again = await visit(window, 'bought')
    await untilScreen(again, 'confirmed')
    await again.getByText('1 × Wool coat').waitFor()
    await again.reload()
    await untilScreen(again, 'confirmed')
    expect(joins).toEqual([])
    await again.getByRole('button', { name: 'Join the line again' }).click()
    await untilScreen(again, 'your-turn')
    expect(joins).toHaveLength(1)
    // A second tab of the new turn: the old order does not block it.
    await untilScreen(await visit(window, 'bought'), 'your-turn')
    expect(joins).toHaveLength(1)
  })

  it('is not put in line again after it gave its turn back, in any tab', async () => {
    const window = await buyer()
    const page = await visit(window, 'gone')
    // Once the catalogue arrives the screen is built again.
    await page.getByLabel('E-mail').waitFor()
    await page.getByRole('button', { name: 'Give my turn back' }).click()
    await page.getByRole('button', { name: 'Give it back' }).click()
    await untilScreen(page, 'left')
    const joins = countJoins(window)
    await page.reload()
    await untilScreen(page, 'left')
    const other = await visit(window, 'gone')
    await untilScreen(other, 'left')
    expect(joins).toEqual([])
    await other.getByRole('button', { name: 'Join the line again' }).click()
    await untilScreen(other, 'your-turn')
  })
})

describe('the page of an order', () => {
  it('shows the order, from the sale’s page, to the browser that ordered and to no other', async () => {
    const window = await buyer(phone)
    const page = await visit(window, 'page')
    await buy(page)
    await untilScreen(page, 'confirmed')
    await page.locator('.receipt a').click()
    await page.waitForURL(/\/sales\/page\/orders\/[0-9a-f-]{36}$/)
    await untilScreen(page, 'confirmed')
    await page.getByText('1 × Wool coat').waitFor()
    await takeScreenshot(page, 'order-page-phone')
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
    await page.getByRole('button', { name: 'Go to the sale' }).click()
    await untilScreen(page, 'confirmed')
    const stranger = await (await buyer()).newPage()
    await page.goBack()
    await stranger.goto(page.url())
    await stranger.getByRole('heading', { name: 'This order cannot be shown here' }).waitFor()
    await takeScreenshot(stranger, 'order-page-nobody')
    await stranger.goto(`${page.url()}#key=a.b.c`)
    await stranger.getByRole('heading', { name: 'This link does not work' }).waitFor()
    expect(stranger.url()).not.toContain('key')
    await stranger.goto('about:blank')
    await stranger.goto(`${page.url()}#key=%E2%9C%93%0A`)
    await stranger.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await stranger.getByRole('button', { name: 'Go to the sale' }).click()
    await untilScreen(stranger, 'may-join')
    await stranger.getByRole('button', { name: 'Join the line' }).click()
    await untilScreen(stranger, 'your-turn')
  })

  it('is live, and cancels an unpaid order', async () => {
    await createProvider(running.system.urls.paymentSimulator).behave({ mode: 'hang' })
    const window = await buyer(phone)
    const page = await visit(window, 'pending')
    await buy(page)
    await untilScreen(page, 'paying')
    const own = await window.newPage()
    await own.goto(`${running.system.urls.waitingRoom}${await page.locator('.receipt a').getAttribute('href')}`)
    await own.getByRole('button', { name: 'Cancel this order' }).click()
    await own.getByRole('button', { name: 'Cancel the order' }).click()
    await untilScreen(own, 'cancelled')
    await untilScreen(page, 'cancelled')
    await createProvider(running.system.urls.paymentSimulator).behave({ mode: 'ok' })
  })

  it('opens by the link in the mail, without a login, and removes the key from the address', async () => {
    const page = await visit(await buyer(), 'mailed')
    await buy(page)
    await untilScreen(page, 'confirmed')
    const address = `${running.system.urls.waitingRoom}${await page.locator('.receipt a').getAttribute('href')}`
    const link = await linkInMail(address)
    const window = await buyer(phone)
    const sent: string[] = []
    window.context.on('request', (request) => sent.push(request.url()))
    const mailed = await window.newPage()
    await mailed.goto(link)
    await untilScreen(mailed, 'confirmed')
    expect(mailed.url()).toBe(address)
    await mailed.reload()
    await untilScreen(mailed, 'confirmed')
    expect(sent.filter((url) => url.includes(link.split('#key=')[1] ?? '?'))).toEqual([])
    await mailed.route(/:\d+\/orders\/[0-9a-f-]+$/, (route) => route.fulfill(expired))
    await mailed.reload()
    await mailed.getByRole('heading', { name: 'This link has expired' }).waitFor()
    await takeScreenshot(mailed, 'order-link-expired-phone')
  })
})

describe('a buyer who has paid', () => {
  const visitor = async () => {
    const window = await buyer(phone)
    return { system: running.system, window, visit: (sale: string) => visit(window, sale) }
  }
  it('cancels the order within its time, in any tab, and sees what is refunded', async () =>
    cancelsAPaidOrder(await visitor()))
  it('cannot cancel once the time is over, and is told so', async () => isTooLateToCancel(await visitor()))
  it('sees a refund of one item in the open page', async () => seesAPartialRefund(await visitor()))
  it('comes back from the bank to the page of the order', async () => returnsFromTheBank(await visitor()))
})

describe('a page over plain http', () => {
  it('sells under a name that is not this machine, and says that the connection is not encrypted', async () => {
    const { port } = new URL(running.system.urls.waitingRoom)
    const window = await buyer(phone, { hostRules: `MAP shop.test:80 127.0.0.1:${port}` })
    const page = await window.newPage()
    await page.goto(`${PLAIN_ORIGIN}/sales/plain/`)
    expect(page.url()).toBe(`${PLAIN_ORIGIN}/sales/plain`)
    expect(await page.evaluate('isSecureContext')).toBe(false)
    await buy(page)
    await untilScreen(page, 'confirmed')
    await page.getByText('unencrypted connection').waitFor()
    await takeScreenshot(page, 'plain-http-phone')
    expect(window.errors).toEqual([])
  })
})

describe('a browser that blocks cookies', () => {
  it('reads in advance that its place lasts only as long as the page', async () => {
    await untilScreen(await visit(await buyer(), 'blocked'), 'your-turn')
    const page = await visit(await buyer(desk, { blocksStorage: true }), 'blocked')
    await untilScreen(page, 'waiting')
    await page.getByText('You lose your place when you reload or close it').waitFor()
    expect(await page.locator('footer').textContent()).not.toContain('You keep your place')
    await takeScreenshot(page, 'storage-blocked')
  })
})

describe('a page that fails', () => {
  it('shows that a click has failed', async () => {
    const page = await visit(await buyer(), 'throws')
    await untilScreen(page, 'your-turn')
    await page.evaluate(`crypto.getRandomValues = () => { throw new TypeError('broken') }`)
    await buy(page)
    await page.getByRole('alert').getByText('Something on this page did not work').waitFor()
    await takeScreenshot(page, 'trouble')
  })
})
