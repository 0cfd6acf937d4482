import { AxeBuilder } from '@axe-core/playwright'
import { bodyOf } from '@floodgate/client'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import { openWindow, takeScreenshot, type Window } from './browser.ts'
import { operatorOf } from './demo-system.ts'
import { fillIn } from './script-page.ts'

interface Visitor {
  readonly system: System
  readonly window: Window
  visit(sale: string): Promise<Page>
}

const untilScreen = (page: Page, screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor()
const tooLate = (page: Page) => page.getByText('This order can no longer be cancelled.').waitFor()
const idIn = (address: string) => address.split('/').at(-1) ?? ''

async function expectReadable(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
}

async function allowCancelling(system: System, sale: string, cancelWithinSeconds: number): Promise<void> {
  const body = { currency: 'EUR', cancelWithinSeconds, items: [coat(50)] }
  await bodyOf(operatorOf(system).cores.putCatalogue({ params: { sale }, body }))
}

/** Buys this many coats, and returns the page with the address of the order's own page. */
async function buyIn(page: Page, quantity: number, method?: string): Promise<{ page: Page; own: string }> {
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  await page.getByRole('spinbutton').first().fill(String(quantity))
  if (method !== undefined) await page.getByLabel(method).check()
  await page.getByRole('button', { name: /^Buy for/ }).click()
  return { page, own: (await page.locator('.receipt a').getAttribute('href')) ?? '' }
}

/** A paid order is cancelled within its time, on its own page; the sale's page in another tab follows. */
export async function cancelsAPaidOrder({ system, window, visit }: Visitor): Promise<void> {
  await allowCancelling(system, 'paid', 3_600)
  const { page, own } = await buyIn(await visit('paid'), 1)
  await untilScreen(page, 'confirmed')
  await page.getByText(/^You can cancel this order for another 5\d:\d\d\.$/).waitFor()
  const second = await window.newPage()
  await second.goto(`${system.urls.waitingRoom}${own}`)
  await untilScreen(second, 'confirmed')
  await second.getByRole('button', { name: 'Cancel this order' }).click()
  await second.getByText('We will refund €124.50, and your items go back on sale.').waitFor()
  await expectReadable(second)
  await takeScreenshot(second, 'dialog-cancel-paid-phone')
  await second.getByRole('button', { name: 'Keep the order' }).click()
  await second.getByRole('button', { name: 'Cancel this order' }).click()
  await second.getByRole('button', { name: 'Cancel the order' }).click()
  for (const each of [second, page]) {
    await untilScreen(each, 'refunded')
    await each.locator('.receipt dt', { hasText: 'Refunded' }).waitFor()
    await each.locator('.receipt dd.refund', { hasText: '€124.50' }).waitFor()
    expect(await each.getByRole('button', { name: 'Cancel this order' }).count()).toBe(0)
  }
  await takeScreenshot(page, 'paid-order-refunded-phone')
}

/** The button is gone once the time is over; when it ends between the question and the decision, the page says so. */
export async function isTooLateToCancel({ system, visit }: Visitor): Promise<void> {
  await allowCancelling(system, 'paid-late', 3_600)
  const { page } = await buyIn(await visit('paid-late'), 1)
  const cancel = page.getByRole('button', { name: 'Cancel this order' })
  await untilScreen(page, 'confirmed')
  await cancel.click()
  // The time ends once the buyer has answered: a page that reads the order before takes the question back.
  await page.route(/\/orders\/[^/]+$/, async (route) => {
    if (route.request().method() === 'DELETE') await allowCancelling(system, 'paid-late', 0)
    await route.continue()
  })
  await page.getByRole('button', { name: 'Cancel the order' }).click()
  await tooLate(page)
  await page.unrouteAll({ behavior: 'wait' })
  expect(await cancel.isVisible()).toBe(false)
  await expectReadable(page)
  await takeScreenshot(page, 'paid-order-too-late-phone')
  await allowCancelling(system, 'paid-late', 3_600)
  await page.reload()
  await cancel.click()
  await page.evaluate('{ const now = Date.now; Date.now = () => now() + 3_600_000 }')
  await tooLate(page)
  expect(await page.locator('dialog[open]').count()).toBe(0)
  await untilScreen(page, 'confirmed')
}

/** An operator's refund of one of two coats appears in the open page. */
export async function seesAPartialRefund({ system, visit }: Visitor): Promise<void> {
  const { page, own } = await buyIn(await visit('paid-part'), 2)
  await untilScreen(page, 'confirmed')
  const body = { items: [{ sku: 'COAT', quantity: 1 }], restock: true, reason: 'a button is missing' }
  const [params, headers] = [{ id: idIn(own) }, { 'idempotency-key': crypto.randomUUID() }]
  await bodyOf(operatorOf(system).cores.createRefund({ params, headers, body }))
  await untilScreen(page, 'refunded-in-part')
  await page.locator('.receipt dt', { hasText: 'Refunded1 × Wool coat' }).waitFor()
  await page.locator('.receipt dd.refund', { hasText: '€124.50' }).waitFor()
  await page.getByText('The rest of your order stays confirmed.').waitFor()
  expect(await page.getByText('a button is missing').count()).toBe(0)
  await expectReadable(page)
  await takeScreenshot(page, 'refunded-in-part-live-phone')
}

/**
 * A buyer whose bank leads back to the sale in another tab: that goes on to the order's own page, which reports it, and forgets
 * what the bank added. In a browser that knows no buyer it shows no order, and joins no line.
 */
export async function returnsFromTheBank({ system, window, visit }: Visitor): Promise<void> {
  const { page, own } = await buyIn(await visit('at-bank'), 1, 'A card whose bank asks you')
  await untilScreen(page, 'at-bank')
  const address = `${system.urls.waitingRoom}${own}`
  const second = await window.newPage()
  await second.goto(address)
  await untilScreen(second, 'at-bank')
  const bank = await second.getByRole('link', { name: 'Go to your bank' }).getAttribute('href')
  const decided = await fetch(`${bank}/decision?agree=true`, { method: 'POST', redirect: 'manual' })
  const { searchParams } = new URL(decided.headers.get('location') ?? '')
  expect(searchParams.get('payment')).toBe(idIn(own))
  const reports: unknown[] = []
  second.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/payment')) reports.push(request.postDataJSON())
  })
  const comesBack = `${system.urls.waitingRoom}/sales/at-bank?${searchParams}`
  expect(decided.headers.get('location')).toBe(comesBack)
  await second.goto(comesBack, { waitUntil: 'commit' })
  await untilScreen(second, 'confirmed')
  await untilScreen(page, 'confirmed')
  expect(second.url()).toBe(address)
  expect(reports[0]).toEqual({ proof: { charge: searchParams.get('charge') } })
  const reported = reports.length
  await second.reload()
  await untilScreen(second, 'confirmed')
  expect(reports).toHaveLength(reported)
  await strangerComesBack(comesBack)
}

async function strangerComesBack(comesBack: string): Promise<void> {
  const window = await openWindow()
  try {
    const joins: string[] = []
    window.context.on('request', (request) => {
      if (request.method() === 'POST') joins.push(request.url())
    })
    const page = await window.newPage()
    await page.goto(comesBack, { waitUntil: 'commit' })
    await untilScreen(page, 'order-rejected')
    expect(joins).toEqual([])
  } finally {
    await window.close()
  }
}
