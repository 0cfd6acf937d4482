import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { takeScreenshot } from './browser.ts'
import { buyCoats, openSale, putCoat } from './demo-system.ts'
import { fillIn } from './script-page.ts'

/** How long a slow machine may take. */
const patience = { timeout: 60_000 }

export interface Visitor {
  readonly system: System
  visit(sale: string): Promise<Page>
}

const untilScreen = (page: Page, screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor(patience)
const buyButton = (page: Page) => page.getByRole('button', { name: /^Buy for/ })
const focused = (page: Page, selector: string) => page.locator(`${selector}:focus`).waitFor(patience)

/** Records the orders that the page sends. */
const watchOrders = (page: Page): { readonly items: unknown; readonly currency?: string }[] => {
  const sent: { items: unknown; currency?: string }[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/orders')) sent.push(request.postDataJSON())
  })
  return sent
}
const coats = (quantity: number, priceMinor: number) => ({
  currency: 'EUR',
  items: [{ sku: 'COAT', quantity, priceMinor }],
})

export async function seesThePriceChange({ system, visit }: Visitor): Promise<void> {
  await openSale(system, 'dearer')
  const page = await visit('dearer')
  const sent = watchOrders(page)
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  await putCoat(system, 'dearer', { salePriceMinor: 14_000, name: 'Fine coat' })
  const notice = page.locator('.changes')
  await notice.getByText('“Fine coat” now costs €140.00 instead of €124.50.').waitFor(patience)
  await page.getByText('“Wool coat” is now called “Fine coat”.').waitFor()
  expect(await notice.getAttribute('role')).toBe('status')
  expect(await page.locator('.price').textContent()).toContain('€140.00')
  await page.getByRole('button', { name: 'Buy for €140.00' }).click()
  await focused(page, '.changes')
  expect(sent).toEqual([])
  // Changed again without the page learning of it: the order core rejects the order, and the page shows the reason.
  await page.route(/\/catalogue$/, (route) => route.abort())
  await putCoat(system, 'dearer', { salePriceMinor: 15_000, name: 'Fine coat' })
  await page.getByRole('button', { name: 'Buy for €140.00' }).click()
  await page.getByRole('alert').getByText('“Fine coat” now costs €150.00.').waitFor(patience)
  await focused(page, '#rejection')
  expect(await page.getByLabel('E-mail').inputValue()).toBe('buyer@example.com')
  await page.getByRole('button', { name: 'Buy for €150.00' }).click()
  await untilScreen(page, 'confirmed')
  expect(sent).toMatchObject([coats(1, 14_000), coats(1, 15_000)])
  await page.locator('.total').getByText('€150.00').waitFor()
}

export async function seesUnitsComeBack({ system, visit }: Visitor): Promise<void> {
  await openSale(system, 'comes-back', { coat: { total: 1 } })
  const page = await visit('comes-back')
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  await buyCoats(system, 'comes-back', 1)
  // Whether or not the page has learned of it.
  await buyButton(page)
    .click({ timeout: 2_000 })
    .catch(() => undefined)
  await untilScreen(page, 'sold-out')
  expect(await page.getByText('will not come back').count()).toBe(0)
  await putCoat(system, 'comes-back', { total: 3 })
  await untilScreen(page, 'your-turn')
  expect(await page.getByLabel('E-mail').inputValue()).toBe('buyer@example.com')
  // Only the buyer chooses a sold-out item again.
  expect(await page.getByRole('spinbutton').inputValue()).toBe('0')
  await page.getByRole('spinbutton').fill('1')
  await buyButton(page).click()
  await untilScreen(page, 'confirmed')
  await page.getByText(/^Order number [0-9A-Z]{4}-[0-9A-Z]{4}$/).waitFor()
}

export async function choosesAgainWhatWasGone({ system, visit }: Visitor): Promise<void> {
  await openSale(system, 'back-again')
  const page = await visit('back-again')
  const sent = watchOrders(page)
  let soldOut = false
  await page.route(/\/catalogue$/, async (route) => {
    const response = await route.fetch()
    const catalogue = await response.json()
    const hat = { ...catalogue.items[0], sku: 'HAT', name: 'Hat', salePriceMinor: 99_900, soldOut }
    await route.fulfill({ response: response, json: { ...catalogue, items: [...catalogue.items, hat] } })
  })
  await page.getByRole('spinbutton', { name: 'Hat' }).fill('1', patience)
  await page.getByRole('spinbutton', { name: 'Wool coat' }).fill('1')
  await page.getByLabel('E-mail').fill('buyer@example.com')
  await page.getByRole('button', { name: 'Buy for €1,123.50' }).waitFor()
  soldOut = true
  await page.getByText('“Hat” is sold out and no longer in your order.').waitFor(patience)
  soldOut = false
  await page.getByText('“Hat” is available again, but not in your order.').waitFor(patience)
  await page.getByRole('button', { name: 'Buy for €124.50' }).click()
  await focused(page, '.changes')
  expect(sent).toEqual([])
  await page.getByRole('button', { name: 'Buy for €124.50' }).click()
  await untilScreen(page, 'confirmed')
  expect(sent).toMatchObject([coats(1, 12_450)])
}

export async function choosesFewerWhenLessIsLeft({ system, visit }: Visitor): Promise<void> {
  await openSale(system, 'less-left', { coat: { total: 3, perBuyerLimit: 5 } })
  await buyCoats(system, 'less-left', 2)
  const page = await visit('less-left')
  const sent = watchOrders(page)
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  for (const typed of ['1.5', '']) {
    await page.getByRole('spinbutton').fill(typed)
    await page.getByRole('button', { name: 'Buy', exact: true }).click()
    await page.getByRole('alert').getByText('Enter a whole number').waitFor(patience)
  }
  await page.getByRole('spinbutton').fill('2')
  await buyButton(page).click()
  await page.getByRole('alert').getByText('Only 1 of “Wool coat” is left.').waitFor(patience)
  await untilScreen(page, 'your-turn')
  await page.getByRole('spinbutton').fill('1')
  await buyButton(page).click()
  await untilScreen(page, 'confirmed')
  expect(sent).toMatchObject([coats(2, 12_450), coats(1, 12_450)])
}

/** Long enough to be admitted on a slow machine before the sale closes. */
const CLOSES_IN_MS = 8_000

export async function buysAfterTheSaleHasClosed({ system, visit }: Visitor): Promise<void> {
  await openSale(system, 'closes', { closesAt: new Date(Date.now() + CLOSES_IN_MS).toISOString() })
  const page = await visit('closes')
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  await page.getByText('You can still buy until your time runs out').first().waitFor(patience)
  await buyButton(page).click()
  await untilScreen(page, 'confirmed')
}

export async function asksForMoreTime({ system, visit }: Visitor): Promise<void> {
  await openSale(system, 'hurried', { admissionTtlSeconds: 45 })
  const page = await visit('hurried')
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  const other = await page.context().newPage()
  await other.goto(page.url())
  await untilScreen(other, 'your-turn')
  const ask = page.getByRole('button', { name: 'I need more time' })
  await ask.waitFor(patience)
  await focused(page, '#email')
  await page.locator('#announcer').getByText('left to buy. You can ask for more time.').waitFor(patience)
  await other.getByRole('button', { name: 'I need more time' }).focus()
  await ask.focus()
  await page.keyboard.press('Enter')
  await page.locator('.more-time').getByText('60 seconds more. You can ask for more time once more.').waitFor(patience)
  for (const tab of [page, other])
    await expect.poll(() => tab.locator('[role=timer]').textContent(), patience).toMatch(/^(?:1:|0:[3-5])/)
  await other.getByRole('button', { name: 'I need more time' }).waitFor({ ...patience, state: 'hidden' })
  await focused(other, 'h1')
  await focused(page, '.more-time p')
  expect(await ask.isHidden()).toBe(true)
  expect(await page.getByLabel('E-mail').inputValue(), 'the form is as it was').toBe('buyer@example.com')
  await buyButton(page).click()
  await untilScreen(page, 'confirmed')
}

export async function buysInKorean({ visit }: Visitor): Promise<void> {
  const page = await visit('korean')
  await untilScreen(page, 'your-turn')
  await page.getByRole('heading', { name: '구매하실 차례입니다' }).waitFor()
  await page.getByRole('spinbutton').first().fill('1')
  await page.getByLabel('이메일').fill('korean-buyer@example.com')
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/orders'))
  await page.getByRole('button', { name: '€124.50 구매하기' }).click()
  expect(await (await sent).headerValue('accept-language')).toBe('ko')
  await untilScreen(page, 'confirmed')
  await page.getByText('Wool coat × 1개').waitFor()
  await page.locator('.receipt a').click()
  await page.getByRole('heading', { name: '주문이 완료되었습니다' }).waitFor()
  await takeScreenshot(page, 'order-ko-phone')
  // Each browser loads only the texts of its own language.
  const loaded = await page.evaluate<string[]>('performance.getEntriesByType("resource").map(({ name }) => name)')
  expect(loaded.filter((name) => name.includes('/languages/')).map((name) => name.split('/').at(-1))).toEqual(['ko.ts'])
}
