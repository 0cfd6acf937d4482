import { AxeBuilder } from '@axe-core/playwright'
import type { System } from '@floodgate/dev/system'
import { eventually } from '@floodgate/testkit'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInbox, createProvider } from '../client/externals.ts'
import { agreesAtTheBank, refusesAtTheBank } from './at-the-bank.ts'
import { desk, openWindow, phone, takeScreenshot, type Window } from './browser.ts'
import { buyCoats, openSale, operatorOf, startOwnSystem } from './demo-system.ts'
import { readsTheMessage } from './messages.ts'
import { fillIn } from './script-page.ts'
import { describeNews } from './transport-of-news.ts'
import {
  asksForMoreTime,
  buysAfterTheSaleHasClosed,
  buysInKorean,
  choosesAgainWhatWasGone,
  choosesFewerWhenLessIsLeft,
  seesThePriceChange,
  seesUnitsComeBack,
} from './while-buying.ts'

/** How long a slow machine may take. */
const patience = { timeout: 60_000 }
const windows: Window[] = []
let running: { system: System; stop(): Promise<void> }

beforeAll(async () => {
  // All of them pay through Stripe, as the simulator speaks it.
  running = await startOwnSystem({ 'payment-worker': { PAYMENT_PROVIDER: 'stripe' } })
  const sales = ['buy', 'keyboard', 'declined', 'reload', 'polling', 'cancel', 'korean', 'agrees', 'refuses']
  for (const sale of sales) await openSale(running.system, sale)
  await openSale(running.system, 'free', { coat: { salePriceMinor: 0 } })
  await openSale(running.system, 'mailed', { name: 'W'.repeat(200), coat: { name: 'M'.repeat(200) } })
  for (const sale of ['tabs', 'socket', 'reopened']) await openSale(running.system, sale, { maxActive: 1 })
})
afterAll(async () => {
  for (const window of windows) await window.close()
  await running?.stop()
})

const buyer = async (viewport = desk, locale = 'en-GB'): Promise<Window> => {
  const window = await openWindow(viewport, { locale })
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
  it('waits in line, is admitted, buys, and sees the order confirmed, on a phone, without a request to another host', async () => {
    const window = await buyer(phone)
    const page = await visit(window, 'buy')
    await untilScreen(page, 'your-turn')
    await fillIn(page)
    await takeScreenshot(page, 'live-your-turn-phone')
    await page.getByRole('button', { name: 'Buy for €124.50' }).click()
    await untilScreen(page, 'confirmed')
    await page.getByText('1 × Wool coat').waitFor()
    await takeScreenshot(page, 'live-confirmed-phone')
    await readsTheMessage(page)
    expect([...window.hosts]).toEqual(['127.0.0.1'])
    expect(window.errors).toEqual([])
  })

  it('orders free items without a payment, and sees what is wrong with an address before it is sent', async () => {
    const page = await visit(await buyer(), 'free')
    await untilScreen(page, 'your-turn')
    await page.getByText('Free', { exact: false }).first().waitFor()
    expect(await page.getByRole('group', { name: 'Payment' }).count()).toBe(0)
    const order = page.getByRole('button', { name: 'Order for free' })
    for (const [typed, said] of [
      ['', /your whole e-mail address/],
      ['ann@localhost', /what follows the @/],
      ['ann..lee@example.com', /before the @/],
      ['müller@example.com', /unaccented/],
    ] as const) {
      await page.getByLabel('E-mail').fill(typed)
      await order.click()
      await page.getByRole('alert').filter({ hasText: said }).waitFor()
    }
    await takeScreenshot(page, 'your-turn-free')
    await page.getByLabel('E-mail').fill('r&d@почта.рф')
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/orders'))
    await order.click()
    expect(Object.keys((await sent).postDataJSON() as object)).toEqual(['items', 'currency', 'email'])
    await untilScreen(page, 'confirmed')
    await page.getByText('with nothing to pay').waitFor()
  })

  it('gets a mail that fits a phone, in every language, light and dark, however long the names', async () => {
    const page = await visit(await buyer(phone), 'mailed')
    await untilScreen(page, 'your-turn')
    await page.getByRole('spinbutton').first().fill('2')
    await page.getByLabel('E-mail').fill('phone@example.com')
    await page.getByRole('button', { name: /^Buy for/ }).click()
    await untilScreen(page, 'confirmed')
    await buyCoats(running.system, 'mailed', 2, { email: 'korean@example.com', language: 'ko-KR,ko;q=0.9,en;q=0.8' })
    const inbox = createInbox(running.system.urls.mail)
    const reader = await (await buyer(phone)).newPage()
    const read = async (address: string) => {
      const mail = await eventually(async () => {
        const [first] = await inbox.mailsTo(address)
        expect(first).toBeDefined()
        return first
      })
      await reader.setContent(mail?.html ?? '')
      const language = mail?.headers['content-language']
      for (const colorScheme of ['light', 'dark'] as const) {
        await reader.emulateMedia({ colorScheme })
        expect(await reader.evaluate<number>('document.documentElement.scrollWidth')).toBe(phone.width)
        // Landmarks are the mail program's.
        const axe = new AxeBuilder({ page: reader }).disableRules(['landmark-one-main', 'region'])
        expect((await axe.analyze()).violations.map(({ id }) => id)).toEqual([])
        await takeScreenshot(reader, `mail-phone-${language}-${colorScheme}`)
      }
      return language
    }
    expect(await read('korean@example.com')).toBe('ko')
    await reader.getByText('€124.50 × 2개').waitFor()
    expect(await read('phone@example.com')).toBe('en')
    await reader.getByText('2 × €124.50').waitFor()
    expect(await reader.getByRole('link', { name: 'View your order' }).getAttribute('href')).toMatch(
      new RegExp(`^${running.system.urls.waitingRoom}/sales/mailed/orders/[0-9a-f-]{36}#key=[\\w.-]+$`),
    )
  })

  it('keeps its place, without any action, when its sale is closed and reopened', async () => {
    const first = await visit(await buyer(), 'reopened')
    await untilScreen(first, 'your-turn')
    const page = await visit(await buyer(), 'reopened')
    await untilScreen(page, 'waiting')
    await operatorOf(running.system).act('reopened', 'close')
    await page.locator('[data-screen="closed"]').waitFor(patience)
    await operatorOf(running.system).act('reopened', 'reopen')
    // Reopened, a sale is paused until it is resumed.
    await page.locator('[data-screen="paused"]').waitFor(patience)
    await operatorOf(running.system).act('reopened', 'resume')
    await page.locator('[data-screen="waiting"]').waitFor(patience)
    await page.locator('.position').getByText('1', { exact: true }).waitFor()
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

  it('buys with the keyboard only', async () => {
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
    // Another buyer takes the only slot, so that everybody behind stays in line.
    await untilScreen(await visit(await buyer(), 'tabs'), 'your-turn')
    const window = await buyer()
    const [first, second] = [await visit(window, 'tabs'), await visit(window, 'tabs')]
    await untilScreen(first, 'waiting')
    await untilScreen(second, 'waiting')
    expect(await first.locator('.figure').textContent()).toBe('1')
    expect(await second.locator('.figure').textContent()).toBe('1')
    await takeScreenshot(first, 'live-waiting')
  })

  it('sees a plain message when the sale does not exist', async () => {
    const page = await visit(await buyer(phone), 'nowhere')
    await page.getByRole('heading', { name: 'This sale does not exist' }).waitFor()
    await takeScreenshot(page, 'sale-not-found-phone')
  })
})

describe('a buyer whose turn it is', () => {
  const visitor = async () => {
    const window = await buyer()
    return { system: running.system, visit: (sale: string) => visit(window, sale) }
  }
  it('sees every change before the order is sent, and confirms again', async () => seesThePriceChange(await visitor()))
  it('gets no sold-out item back into the order', async () => choosesAgainWhatWasGone(await visitor()))
  it('is offered a sold-out item once it is available again', async () => seesUnitsComeBack(await visitor()))
  it('chooses fewer where less is left than wanted', async () => choosesFewerWhenLessIsLeft(await visitor()))
  it('gets more time on request', async () => asksForMoreTime(await visitor()))
  it('can buy after the sale has closed', async () => buysAfterTheSaleHasClosed(await visitor()))
})

describe('a buyer whose bank asks', () => {
  const visitor = async () => {
    const window = await buyer(phone)
    return { system: running.system, visit: (sale: string) => visit(window, sale) }
  }
  it('follows to the page of the bank, agrees, comes back and sees the order confirmed', async () =>
    agreesAtTheBank(await visitor()))
  it('refuses there, and pays with another card on the same turn', async () => refusesAtTheBank(await visitor()))
})

describeNews({ system: () => running.system, buyer, visit })

describe('a buyer’s order', () => {
  it('lets a buyer cancel an unpaid order', async () => {
    await createProvider(running.system.urls.paymentSimulator).behave({ mode: 'hang' })
    const page = await visit(await buyer(phone), 'cancel')
    await untilScreen(page, 'your-turn')
    await fillIn(page)
    await page.getByRole('button', { name: /^Buy for/ }).click()
    await page.getByRole('button', { name: 'Cancel this order' }).click()
    await page.getByRole('button', { name: 'Cancel the order' }).click()
    await untilScreen(page, 'cancelled')
    await page.getByText('1 × Wool coat').waitFor()
    await createProvider(running.system.urls.paymentSimulator).behave({ mode: 'ok' })
  })

  it('buys in Korean where the browser requests it, including all texts of the servers', async () => {
    const window = await buyer(phone, 'ko-KR')
    await buysInKorean({ system: running.system, visit: (sale) => visit(window, sale) })
    expect(window.errors).toEqual([])
  })
})
