import { AxeBuilder } from '@axe-core/playwright'
import type { SaleSettingsInput } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { desk, narrowest, openWindow, phone, takeScreenshot, type Window } from './browser.ts'
import { openSale, operatorOf, startOwnSystem } from './demo-system.ts'
import { type OwnShop, startOwnShop } from './own-shop.ts'
import { problem } from './scripted-responses.ts'
import { faintTexts, unseenFocus } from './seen.ts'

/** How long a slow machine may take. */
const patience = { timeout: 60_000 }
let running: { system: System; stop(): Promise<void> }
let window: Window
let shop: OwnShop
let sale = ''
let sales = 0

beforeAll(async () => {
  running = await startOwnSystem()
})
afterAll(() => running?.stop())
beforeEach(async () => {
  sale = `shop-${++sales}`
  shop = await startOwnShop({ queue: running.system.urls.waitingRoom, sale })
  window = await openWindow()
})
afterEach(async () => {
  expect(window.errors).toEqual([])
  await window.close()
  await shop.close()
})

/** One buyer at a time, so that a second one waits. */
const open = (settings: Partial<SaleSettingsInput> = {}) =>
  openSale(running.system, sale, {
    ...{ maxActive: 1, returnOrigins: [shop.origin], defaultReturnUrl: `${shop.origin}/checkout?from=line` },
    ...settings,
  })
const line = (query = '') => `${running.system.urls.waitingRoom}/sales/${sale}${query}`
const to = (path: string) => `?return=${encodeURIComponent(`${shop.origin}${path}`)}`
const screen = (page: Page, name: string) => page.locator(`[data-screen="${name}"]`)
const button = (page: Page) => page.getByRole('link', { name: 'Go to the shop' })
const visit = async (address: string): Promise<Page> => {
  const page = await window.newPage()
  await page.goto(address)
  return page
}
/**
 * Opens a page and presses "Stay here". Until then the address at the shop has expired, so that the page cannot go there
 * before the press, however slow the machine is.
 */
const visitAndStay = async (page: Page, address: string) => {
  await page.route('**/handover', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), expiresAt: new Date(0).toISOString() } })
  })
  await page.goto(address)
  await page.getByRole('button', { name: 'Stay here' }).click()
  await page.unroute('**/handover')
}
const untilCheckout = async (page: Page, query: string) => {
  await page.waitForURL(`${shop.origin}/checkout${query}`, patience)
  await page.getByRole('heading', { name: 'Checkout' }).waitFor()
}

describe('a buyer', () => {
  it('goes from the shop to the line, returns automatically, buys there, and gives the slot back', async () => {
    await open()
    const page = await visit(`${shop.origin}/`)
    await page.getByRole('link', { name: 'Check out' }).click()
    await screen(page, 'to-shop').waitFor()
    await page.getByText(`You can buy at ${shop.host} now`).waitFor()
    expect(await page.title()).toContain('It’s your turn')
    await untilCheckout(page, '?basket=7')
    expect(shop.arrivals).toMatchObject([{ path: '/checkout?basket=7', referrer: undefined }])
    const [{ pass, handover } = { pass: {}, handover: {} }] = shop.arrivals
    expect(handover).toMatchObject({ sub: pass.sub, jti: pass.jti, sale })
    await page.getByRole('button', { name: 'Buy it' }).click()
    await page.getByRole('heading', { name: 'Thank you' }).waitFor()
    await expect.poll(async () => (await operatorOf(running.system).sale(sale)).counts.returned, patience).toBe(1)
    const log = await operatorOf(running.system).log(sale)
    expect(log.filter(({ kind }) => kind === 'returned')).toMatchObject([{ slot: pass.jti, reason: 'finished' }])
    const after = await visit(line(to('/checkout')))
    await screen(after, 'finished').waitFor()
    await after.getByText('If you bought something, the shop has your order.').waitFor()
  })

  it('goes back from the shop to the page before the line, not to the line again', async () => {
    await open()
    const page = await visit(`${shop.origin}/`)
    await page.getByRole('link', { name: 'Check out' }).click()
    await untilCheckout(page, '?basket=7')
    await page.goBack()
    await page.waitForURL(`${shop.origin}/`, patience)
  })

  it('waits, reloads, and still returns to the URL that it came from', async () => {
    await open()
    const first = await window.newPage()
    await visitAndStay(first, line(to('/checkout?basket=1')))
    const other = await openWindow(phone)
    const page = await other.newPage()
    await page.goto(line(to('/checkout?basket=2')))
    await screen(page, 'waiting').waitFor()
    await page.reload()
    await screen(page, 'waiting').waitFor()
    expect(page.url()).toBe(line(to('/checkout?basket=2')))
    await first.getByRole('button', { name: 'Give my turn back' }).click()
    await first.getByRole('button', { name: 'Give it back' }).click()
    await untilCheckout(page, '?basket=2')
    await other.close()
  })

  it.each([
    ['without a return URL', () => ''],
    ['with one of another site', () => `?return=${encodeURIComponent('https://evil.example/')}`],
    ['with one that begins like the shop', () => `?return=${encodeURIComponent(`${shop.origin}@evil.example/`)}`],
    ['with a script', () => `?return=${encodeURIComponent('javascript:alert(document.domain)')}`],
    ['with two', () => `${to('/checkout?one')}&${to('/checkout?two').slice(1)}`],
  ])('%s goes to the default page', async (_, query) => {
    await open()
    await untilCheckout(await visit(line(query())), '?from=line')
    expect([...window.hosts].filter((host) => !['127.0.0.1', 'localhost'].includes(host))).toEqual([])
  })

  it('who is still inside and comes back is sent to the shop again, from a second tab, too', async () => {
    await open()
    await untilCheckout(await visit(line(to('/checkout?basket=1'))), '?basket=1')
    await untilCheckout(await visit(line(to('/checkout?basket=2'))), '?basket=2')
    expect(new Set(shop.arrivals.map(({ pass }) => pass.jti)).size, 'one turn').toBe(1)
  })

  it('may stay, and go later', async () => {
    await open()
    const page = await window.newPage()
    await visitAndStay(page, line(to('/checkout?basket=1')))
    await page.getByText('Press the button to go there').waitFor()
    expect(await page.getByText('You go to the shop in').isVisible()).toBe(false)
    const sent = page.waitForRequest((request) => request.isNavigationRequest(), patience)
    await button(page).click()
    expect(new URL((await sent).url()).origin).toBe(shop.origin)
    await untilCheckout(page, '?basket=1')
  })

  it('who is sent back by the shop gets that message, and is not redirected there again automatically', async () => {
    await open()
    shop.rejects = true
    const page = await visit(line(to('/checkout')))
    await page.getByText('You were there a moment ago').waitFor()
    await takeScreenshot(page, 'to-shop-sent-back')
    shop.rejects = false
    await button(page).click()
    await untilCheckout(page, '')
  })

  it('sees that the redirect fails, keeps its turn, and goes once it works', async () => {
    await open()
    const page = await window.newPage()
    const { status, body, headers = {} } = problem('unavailable')
    const failed = { status, headers, contentType: 'application/problem+json', body: JSON.stringify(body) }
    await page.route('**/handover', (route) => route.fulfill(failed))
    await page.goto(line(to('/checkout')))
    await page.getByText('We cannot send you to the shop at the moment').waitFor()
    await takeScreenshot(page, 'to-shop-failing')
    await page.unroute('**/handover')
    await untilCheckout(page, '')
  })

  it('orders here when the sale has no return URL for it, or no shop at all', async () => {
    await open({ defaultReturnUrl: null })
    await screen(await visit(line()), 'your-turn').waitFor()
    const own = `${sale}-own`
    await openSale(running.system, own)
    const page = await visit(`${running.system.urls.waitingRoom}/sales/${own}${to('/checkout')}`)
    await screen(page, 'your-turn').waitFor()
    expect(shop.arrivals).toEqual([])
  })
})

describe('a page in a frame of the shop', () => {
  it('leaves the frame, when the buyer presses', async () => {
    await open({ frameOrigins: [shop.origin] })
    const page = await visit(`${shop.origin}/framing`)
    const frame = page.frameLocator('iframe')
    await frame.getByText('Press the button to go there').waitFor()
    expect(await frame.getByRole('button', { name: 'Stay here' }).count()).toBe(0)
    await frame.getByRole('link', { name: 'Go to the shop' }).click()
    await untilCheckout(page, '?from=line')
    expect(page.frames()).toHaveLength(1)
  })
})

describe('the way to the shop', () => {
  it('is readable, in every drawing, on a phone, and in Korean', async () => {
    await open()
    const drawn = await openWindow(phone, { pixelRatio: 2 })
    const page = await drawn.newPage()
    await visitAndStay(page, line(to('/checkout')))
    await button(page).waitFor()
    for (const [name, media] of [
      ['light', { colorScheme: 'light', forcedColors: 'none' }],
      ['dark', { colorScheme: 'dark', forcedColors: 'none' }],
      ['forced', { colorScheme: 'light', forcedColors: 'active' }],
    ] as const) {
      await page.emulateMedia(media)
      await takeScreenshot(page, `to-shop-${name}`)
      expect(await faintTexts(page), name).toEqual([])
      expect(await unseenFocus(page, 2), name).toEqual([])
      expect((await new AxeBuilder({ page }).analyze()).violations, name).toEqual([])
    }
    await page.setViewportSize(narrowest)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await drawn.close()
    const korean = await openWindow(desk, { locale: 'ko-KR' })
    await openSale(running.system, `${sale}-ko`, { returnOrigins: [shop.origin] })
    const other = await korean.newPage()
    await other.goto(`${running.system.urls.waitingRoom}/sales/${sale}-ko${to('/checkout')}`)
    await other.getByText(/쇼핑몰로 이동합니다/).waitFor()
    await takeScreenshot(other, 'to-shop-ko')
    expect(await other.locator('#announcer').textContent()).toContain('구매하실 차례입니다')
    await korean.close()
  })
})
