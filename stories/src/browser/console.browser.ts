import { bodyOf } from '@floodgate/client'
import type { SaleSettingsInput } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startShop } from '../client/shop-endpoint.ts'
import { openWindow, takeScreenshot, type Window } from './browser.ts'
import { fillsTheCatalogue } from './console-catalogue.ts'
import { refundsByLineAndByHand } from './console-refunds.ts'
import { signsInByRole } from './console-roles.ts'
import { runsCampaigns } from './console-vouchers.ts'
import { openSale, operatorOf, startOwnSystem } from './demo-system.ts'
import { choosesTheSecondHalfHour, seesWhichInstantIsMeant } from './sale-times.ts'
import { fillIn } from './script-page.ts'
import { replaysWebhooks } from './webhook-log.ts'

/** Time limit for a slow machine. */
const patience = { timeout: 60_000 }
let running: { system: System; stop(): Promise<void> }
let window: Window
let shop: Awaited<ReturnType<typeof startShop>>

beforeAll(async () => {
  shop = await startShop()
  running = await startOwnSystem({ notifier: shop.settings })
  for (const sale of ['buy', 'closing', 'paced']) await openSale(running.system, sale)
  window = await openWindow()
})
afterAll(async () => {
  await window?.close()
  await running?.stop()
  await shop?.stop()
})

const openConsole = async (): Promise<Page> => {
  const page = await window.newPage()
  await page.goto(running.system.urls.console)
  await page.getByText('✓ agree').first().waitFor()
  return page
}
const saleOf = (sale: string) => operatorOf(running.system).sale(sale)
const stateOf = async (sale: string) => (await saleOf(sale)).state
/** Changes settings as another operator, without a console. */
const changeSettings = async (sale: string, changes: Partial<SaleSettingsInput>) => {
  const { name, admitPerSecond, maxActive, admissionTtlSeconds } = await saleOf(sale)
  const body = { name, admitPerSecond, maxActive, admissionTtlSeconds, ...changes }
  await bodyOf(operatorOf(running.system).rooms.putSale({ params: { sale }, body }))
}

const desk = () => ({ consoleUrl: running.system.urls.console, saleOf, changeSettings })

describe('the operator', () => {
  it('opens with the printed address, which loses its token, and pauses a sale', async () => {
    const page = await openConsole()
    await page.getByRole('button', { name: /^buy · open/ }).click()
    expect(page.url()).not.toContain(running.system.adminToken)
    await page.getByRole('link', { name: /buy$/ }).waitFor()
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByRole('button', { name: /^buy · paused/ }).waitFor()
    expect(await page.getByRole('button', { name: 'Pause', exact: true }).isDisabled()).toBe(true)
    await takeScreenshot(page, 'console')
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await page.getByRole('button', { name: /^buy · open/ }).waitFor()
  })

  it('confirms a close by a question in plain words, may cancel it, and reopens the sale paused', async () => {
    const page = await openConsole()
    await page.getByRole('button', { name: /^closing · open/ }).click()
    const card = page.getByRole('region', { name: /^Winter/ })
    await card.getByRole('link', { name: /closing/ }).waitFor()
    await card.getByRole('button', { name: 'Close', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: /^Close “Winter/ })
    await dialog.getByText('waiting buyers are told that the sale is over').waitFor()
    await takeScreenshot(page, 'console-confirm')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await card.getByRole('button', { name: 'Close', exact: true }).click()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await stateOf('closing')).toBe('open')
    await card.getByRole('button', { name: 'Close', exact: true }).click()
    await dialog.getByRole('button', { name: 'Close the sale' }).click()
    await page.getByRole('button', { name: /^closing · closed/ }).waitFor()
    await card.getByRole('button', { name: 'Reopen', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reopen the sale' }).click()
    await page.getByRole('button', { name: /^closing · paused/ }).waitFor()
  })

  it("does not overwrite another operator's change", async () => {
    const page = await openConsole()
    await page.getByRole('button', { name: /^closing/ }).click()
    const card = page.getByRole('region', { name: /^Winter/ })
    await card.getByRole('link', { name: /closing/ }).waitFor()
    await card.getByLabel('Admissions per second').fill('3')
    await changeSettings('closing', { maxActive: 77 })
    await expect.poll(async () => (await saleOf('closing')).maxActive, patience).toBe(77)
    await card.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('Someone else has changed this sale').waitFor()
    expect(await saleOf('closing')).toMatchObject({ admitPerSecond: 50, maxActive: 77 })
    await expect.poll(() => card.getByLabel('Turns at the same time').inputValue(), patience).toBe('77')
    await card.getByLabel('Admissions per second').fill('3')
    await card.getByRole('button', { name: 'Apply' }).click()
    await expect.poll(() => saleOf('closing'), patience).toMatchObject({ admitPerSecond: 3, maxActive: 77 })
  })

  it('asks for the token again when it is wrong', async () => {
    const page = await window.newPage()
    await page.goto(`${running.system.urls.waitingRoom}/console#token=not-the-right-one`)
    await page.getByText('That token is not accepted').waitFor()
    await takeScreenshot(page, 'console-token')
    const field = page.getByLabel('Operator token')
    await field.fill('토큰')
    await page.getByRole('button', { name: 'Enter' }).click()
    await expect.poll(() => field.inputValue(), patience).toBe('')
  })

  it('sees only what its role may do, and signs in again once its token is revoked', () =>
    signsInByRole({ ...running, window, sale: 'paced' }))

  it('changes the rate of a running sale', async () => {
    const page = await openConsole()
    await page.getByRole('button', { name: /^paced/ }).click()
    const card = page.getByRole('region', { name: /^Winter/ })
    await card.getByRole('link', { name: /paced/ }).waitFor()
    await card.getByLabel('Admissions per second').fill('7.5')
    await card.getByRole('button', { name: 'Apply' }).click()
    await expect
      .poll(() => saleOf('paced'), patience)
      .toMatchObject({ admitPerSecond: 7.5, maxActive: 100, state: 'open' })
  })

  it('names the shop that admitted buyers return to, whose return page is one of its own', async () => {
    const page = await openConsole()
    await page.getByRole('button', { name: /^paced/ }).click()
    const card = page.getByRole('region', { name: /^Winter/ })
    await card.getByRole('link', { name: /paced/ }).waitFor()
    await card.getByLabel(/^Buyers return to/).fill('https://shop.example, https://fan.example:8443')
    await card.getByLabel(/^Return page by default/).fill('https://evil.example/checkout')
    await card.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('defaultReturnUrl must be a URL of one of the returnOrigins').waitFor()
    await card.getByLabel(/^Return page by default/).fill('https://shop.example/checkout')
    await card.getByRole('button', { name: 'Apply' }).click()
    const returnOrigins = ['https://shop.example', 'https://fan.example:8443']
    const shop = { returnOrigins, defaultReturnUrl: 'https://shop.example/checkout' }
    await expect.poll(() => saleOf('paced'), patience).toMatchObject(shop)
  })

  it('makes a token for a diagnosis, and shows the request to the shop of the sale', async () => {
    const page = await openConsole()
    await page.getByRole('button', { name: /^paced/ }).click()
    await page
      .getByRole('region', { name: /^Winter/ })
      .getByRole('link', { name: /paced/ })
      .waitFor()
    await page.getByRole('button', { name: 'Make a token for 15 minutes' }).click()
    const request = page.getByRole('region', { name: 'Request' })
    await expect
      .poll(() => request.textContent(), patience)
      .toMatch(/^curl -s 'https:\/\/shop\.example\/checkout' .* 'floodgate-diagnosis: [\w-]+\.[\w-]+\.[\w-]+'$/)
    await takeScreenshot(page, 'console-diagnosis')
  })

  it('creates a sale, fills its catalogue item by item, and loses nothing when one changes', async () =>
    fillsTheCatalogue(await openConsole(), running.system))

  it('shows which instant a time is, even where clocks change, and lets the operator change it afterwards', () =>
    seesWhichInstantIsMeant(desk()))
  it('chooses the second of a half hour that occurs twice, on Lord Howe Island', () => choosesTheSecondHalfHour(desk()))

  it('shows the trace of one purchase through all four apps', async () => {
    const buyer = await window.newPage()
    await buyer.goto(`${running.system.urls.waitingRoom}/sales/buy`)
    await buyer.locator('[data-screen="your-turn"]').waitFor()
    await fillIn(buyer)
    await buyer.getByRole('button', { name: /^Buy for/ }).click()
    await buyer.locator('[data-screen="confirmed"]').waitFor()
    const order = (await buyer.locator('.receipt a').getAttribute('href'))?.split('/').at(-1) ?? ''
    const page = await openConsole()
    const panel = page.locator('section', { has: page.getByRole('heading', { name: 'One purchase' }) })
    await panel.getByLabel('Order id').fill(order)
    // The mail is the last step, and may arrive a moment later.
    await expect
      .poll(async () => {
        await panel.getByRole('button', { name: 'Show trace' }).click()
        const apps = await panel.locator('tbody td:nth-child(2)').allTextContents()
        return [...new Set(apps)].toSorted()
      }, patience)
      .toEqual(['notifier', 'order-core', 'payment-worker', 'waiting-room'])
    await takeScreenshot(page, 'console-trace')
  })

  it('creates and changes campaigns of vouchers, and reads why a change is rejected', async () =>
    runsCampaigns(await openConsole(), { ...running, sale: 'paced' }))

  it('refunds a paid order by line, and records a refund that was made by hand', async () =>
    refundsByLineAndByHand(await openConsole(), running.system, 'buy'))

  it('reads the log of webhooks to the shop, and replays those that it had given up', async () =>
    replaysWebhooks(await openConsole(), shop))
})
