import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desk, openWindow, phone, takeScreenshot, type Window } from './browser.ts'
import { openSale, startOwnSystem } from './demo-system.ts'
import { fillIn } from './screens.ts'

const windows: Window[] = []
let running: { system: System; stop: () => Promise<void> }

beforeAll(async () => {
  running = await startOwnSystem()
  for (const sale of ['buy', 'keyboard', 'declined', 'reload']) await openSale(running.system, sale)
  await openSale(running.system, 'tabs', { maxActive: 1 })
})
afterAll(async () => {
  for (const window of windows) await window.close()
  await running?.stop()
})

const buyer = async (viewport = desk): Promise<Window> => {
  const window = await openWindow(viewport)
  windows.push(window)
  return window
}
const visit = async (window: Window, sale: string): Promise<Page> => {
  const page = await window.newPage()
  await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
  return page
}
const untilScreen = (page: Page, screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor()

describe('a buyer with a browser', () => {
  it('stands in line, is let in, buys, and sees it confirmed, on a phone, with nothing from another host', async () => {
    const window = await buyer(phone)
    const page = await visit(window, 'buy')
    await untilScreen(page, 'your-turn')
    await fillIn(page)
    await takeScreenshot(page, 'live-your-turn-phone')
    await page.getByRole('button', { name: 'Buy for €124.50' }).click()
    await untilScreen(page, 'confirmed')
    await takeScreenshot(page, 'live-confirmed-phone')
    expect([...window.hosts]).toEqual(['127.0.0.1'])
    expect(window.errors).toEqual([])
  })

  it('tries another card on the same turn after the first was declined', async () => {
    const page = await visit(await buyer(), 'declined')
    await untilScreen(page, 'your-turn')
    await fillIn(page)
    await page.getByLabel('A card that is declined').check()
    await page.getByRole('button', { name: /^Buy for/ }).click()
    await untilScreen(page, 'declined')
    await page.getByRole('button', { name: 'Try another card' }).click()
    await untilScreen(page, 'your-turn')
    expect(await page.getByLabel('E-mail').inputValue()).toBe('buyer@example.com')
    await page.getByLabel('A card that works').check()
    await page.getByRole('button', { name: /^Buy for/ }).click()
    await untilScreen(page, 'confirmed')
  })

  it('buys with the keyboard alone', async () => {
    const page = await visit(await buyer(), 'keyboard')
    await untilScreen(page, 'your-turn')
    const press = async (key: string, until: string) => {
      for (let presses = 0; presses < 40; presses += 1) {
        if ((await page.locator(`${until}:focus`).count()) === 1) return
        await page.keyboard.press(key)
      }
      throw new Error(`The focus never reached ${until}.`)
    }
    await press('Tab', 'input[type=number]')
    await page.keyboard.press('ArrowUp')
    await press('Tab', '#email')
    await page.keyboard.type('keys@example.com')
    await press('Tab', 'button[type=submit]')
    await page.keyboard.press('Enter')
    await untilScreen(page, 'confirmed')
    expect(await page.locator('h1:focus').count()).toBe(1)
  })

  it('sees the order again after a reload, and orders once', async () => {
    const page = await visit(await buyer(), 'reload')
    await untilScreen(page, 'your-turn')
    await fillIn(page)
    const keys = new Set<string>()
    page.on('request', (request) => {
      const key = request.headers()['idempotency-key']
      if (request.method() === 'POST' && key !== undefined) keys.add(key)
    })
    await page.getByRole('button', { name: /^Buy for/ }).click()
    await page.reload()
    await untilScreen(page, 'confirmed')
    expect(keys.size).toBe(1)
  })

  it('has one place in two tabs', async () => {
    // Somebody else takes the only slot, so that everybody behind stays in line.
    await untilScreen(await visit(await buyer(), 'tabs'), 'your-turn')
    const window = await buyer()
    const [first, second] = [await visit(window, 'tabs'), await visit(window, 'tabs')]
    await untilScreen(first, 'waiting')
    await untilScreen(second, 'waiting')
    expect(await first.locator('.figure').textContent()).toBe('1')
    expect(await second.locator('.figure').textContent()).toBe('1')
    await takeScreenshot(first, 'live-waiting')
  })

  it('is told in plain words when there is no such sale', async () => {
    const page = await visit(await buyer(phone), 'nowhere')
    await page.getByRole('heading', { name: 'There is no such sale' }).waitFor()
    await takeScreenshot(page, 'sale-not-found-phone')
  })
})

describe('the operator', () => {
  it('is let in by the printed address, which loses its token, and pauses a sale', async () => {
    const page = await (await buyer()).newPage()
    await page.goto(running.system.urls.console)
    await page.getByRole('button', { name: /^buy · open/ }).click()
    await page.getByText('✓ agree').first().waitFor()
    expect(page.url()).not.toContain(running.system.adminToken)
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByRole('button', { name: /^buy · paused/ }).waitFor()
    expect(await page.getByRole('button', { name: 'Pause', exact: true }).isDisabled()).toBe(true)
    await takeScreenshot(page, 'console')
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await page.getByRole('button', { name: /^buy · open/ }).waitFor()
  })

  it('is asked for the token when it is wrong', async () => {
    const page = await (await buyer()).newPage()
    await page.goto(`${running.system.urls.waitingRoom}/console#token=not-the-right-one`)
    await page.getByText('That token is not the right one').waitFor()
    await takeScreenshot(page, 'console-token')
  })
})
