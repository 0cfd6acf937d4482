import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { desk, openWindow, phone, takeScreenshot, type Window } from './browser.ts'
import { openSale, startOwnSystem } from './demo-system.ts'
import { fillIn } from './screens.ts'

/** A name that is not this machine's own, over plain http: no secure context. */
const PLAIN_ORIGIN = 'http://shop.test'
const windows: Window[] = []
let running: { system: System; stop: () => Promise<void> }

beforeAll(async () => {
  vi.stubEnv('ALLOWED_ORIGINS', PLAIN_ORIGIN)
  running = await startOwnSystem()
  for (const sale of ['plain', 'throws']) await openSale(running.system, sale)
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

describe('a page over plain http', () => {
  it('sells by a name that is not this machine, and says that the connection is not encrypted', async () => {
    const { port } = new URL(running.system.urls.waitingRoom)
    const window = await buyer(phone, { hostRules: `MAP shop.test:80 127.0.0.1:${port}` })
    const page = await window.newPage()
    await page.goto(`${PLAIN_ORIGIN}/sales/plain/`)
    expect(page.url()).toBe(`${PLAIN_ORIGIN}/sales/plain`)
    expect(await page.evaluate('isSecureContext')).toBe(false)
    await buy(page)
    await untilScreen(page, 'confirmed')
    await page.getByText('connection that is not encrypted').waitFor()
    await takeScreenshot(page, 'plain-http-phone')
    expect(window.errors).toEqual([])
  })
})

describe('a browser that blocks cookies', () => {
  it('is told that its place lives as long as the page, before it relies on it', async () => {
    await untilScreen(await visit(await buyer(), 'blocked'), 'your-turn')
    const page = await visit(await buyer(desk, { blocksStorage: true }), 'blocked')
    await untilScreen(page, 'waiting')
    await page.getByText('Your place is lost when you reload or close it').waitFor()
    expect(await page.locator('footer').textContent()).not.toContain('does not get lost')
    await takeScreenshot(page, 'storage-blocked')
  })
})

describe('a page that fails', () => {
  it('says so when a click ends in an error', async () => {
    const page = await visit(await buyer(), 'throws')
    await untilScreen(page, 'your-turn')
    await page.evaluate(`crypto.getRandomValues = () => { throw new TypeError('broken') }`)
    await buy(page)
    await page.getByRole('alert').getByText('Something in this page did not work').waitFor()
    await takeScreenshot(page, 'trouble')
  })
})
