import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { phone, takeScreenshot, type Window } from './browser.ts'
import { fillIn } from './script-page.ts'

const patience = { timeout: 60_000 }

const untilScreen = (page: Page, screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor()

/** Tests how the page learns about its turn, on the system of the file that calls it. */
export function describeNews(context: {
  system(): System
  buyer(viewport?: typeof phone): Promise<Window>
  visit(window: Window, sale: string): Promise<Page>
}): void {
  const { system, buyer, visit } = context
  describe('the transport of news', () => {
    it('delivers the turn by socket, when the previous buyer confirms giving it back', async () => {
      const ahead = await visit(await buyer(), 'socket')
      await untilScreen(ahead, 'your-turn')
      const page = await (await buyer()).newPage()
      const told: string[] = []
      page.on('websocket', (socket) => {
        if (socket.url().endsWith('/sales/socket/live'))
          socket.on('framereceived', ({ payload }) => told.push(String(payload)))
      })
      await page.goto(`${system().urls.waitingRoom}/sales/socket`)
      await untilScreen(page, 'waiting')
      await expect.poll(() => told.length, patience).toBeGreaterThan(0)
      // From here on polls get no response: only the socket can deliver the turn.
      await page.route(/\/ticket$/, (route) => route.abort())
      await ahead.getByRole('button', { name: 'Give my turn back' }).click()
      await takeScreenshot(ahead, 'dialog-give-back')
      await ahead.getByRole('button', { name: 'Stay' }).click()
      await untilScreen(ahead, 'your-turn')
      await ahead.getByRole('button', { name: 'Give my turn back' }).click()
      await ahead.getByRole('button', { name: 'Give it back' }).click()
      await untilScreen(ahead, 'left')
      await takeScreenshot(ahead, 'left')
      await untilScreen(page, 'your-turn')
      expect(told.some((message) => message.includes('"admitted"'))).toBe(true)
    })

    it('carries everything by polling where sockets are blocked', async () => {
      const page = await (await buyer()).newPage()
      await page.routeWebSocket(/\/live/, (socket) => socket.close())
      await page.goto(`${system().urls.waitingRoom}/sales/polling`)
      await untilScreen(page, 'your-turn')
      await fillIn(page)
      await page.getByRole('button', { name: /^Buy for/ }).click()
      await untilScreen(page, 'confirmed')
    })

    it('polls at once and greets the buyer when a sleeping page wakes up', async () => {
      const page = await visit(await buyer(), 'tabs')
      await untilScreen(page, 'waiting')
      const asked = page.waitForRequest(/\/ticket$/)
      await page.evaluate(`
        const see = (state) => {
          Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
          document.dispatchEvent(new Event('visibilitychange'))
        }
        see('hidden')
        const now = Date.now
        Date.now = () => now() + 30_000
        see('visible')
      `)
      await asked
      await page.getByRole('heading', { name: 'Welcome back, your place was kept' }).waitFor()
    })

    it('lets a buyer leave the line, and join it again', async () => {
      const page = await visit(await buyer(phone), 'tabs')
      await untilScreen(page, 'waiting')
      await page.getByRole('button', { name: 'Leave the line' }).click()
      await takeScreenshot(page, 'dialog-leave-phone')
      await page.getByRole('button', { name: 'Leave', exact: true }).click()
      await untilScreen(page, 'left')
      await page.getByRole('button', { name: 'Join the line again' }).click()
      await untilScreen(page, 'waiting')
    })
  })
}
