import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { createProvider } from '../client/externals.ts'
import { takeScreenshot } from './browser.ts'
import { fillIn } from './script-page.ts'
import type { Visitor } from './while-buying.ts'

const untilScreen = (page: Page, screen: string) => page.locator(`[data-screen="${screen}"]`).waitFor()

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
}

/** Buys with a card whose bank asks, and goes to the bank's page. Returns the provider's id of the payment. */
async function goToTheBank(page: Page): Promise<string> {
  await untilScreen(page, 'your-turn')
  await fillIn(page)
  await page.getByLabel('A card whose bank asks you').check()
  await page.getByRole('button', { name: /^Buy for/ }).click()
  await untilScreen(page, 'at-bank')
  await page.getByRole('heading', { name: 'Confirm the payment with your bank' }).waitFor()
  await page.getByText('Your items are reserved meanwhile.').waitFor()
  await expectAccessible(page)
  await takeScreenshot(page, 'live-at-bank')
  await page.getByRole('link', { name: 'Go to your bank' }).click()
  await page.getByRole('heading', { name: 'Simulated 3-D Secure' }).waitFor()
  await expectAccessible(page)
  return page.url().split('/').at(-1) ?? ''
}

/** Expects the page of the sale, without what the bank added to its address. */
function expectOwnAddress(page: Page, { system }: Visitor, sale: string): void {
  expect(page.url()).toBe(`${system.urls.waitingRoom}/sales/${sale}`)
}

export async function agreesAtTheBank(visitor: Visitor): Promise<void> {
  const page = await visitor.visit('agrees')
  const payment = await goToTheBank(page)
  await page.getByRole('button', { name: 'Agree' }).click()
  await untilScreen(page, 'confirmed')
  await page.getByText('1 × Wool coat').waitFor()
  expectOwnAddress(page, visitor, 'agrees')
  await expectAccessible(page)
  const charges = await createProvider(visitor.system.urls.paymentSimulator).charges()
  expect(charges.filter(({ id }) => id === payment)).toMatchObject([{ amountMinor: 12_450, status: 'approved' }])
}

export async function refusesAtTheBank(visitor: Visitor): Promise<void> {
  const page = await visitor.visit('refuses')
  await goToTheBank(page)
  await page.getByRole('button', { name: 'Refuse' }).click()
  await untilScreen(page, 'declined')
  expectOwnAddress(page, visitor, 'refuses')
  await page.getByRole('button', { name: 'Try another card' }).click()
  await untilScreen(page, 'your-turn')
  await page.getByLabel('A card that works').check()
  await page.getByRole('button', { name: /^Buy for/ }).click()
  await untilScreen(page, 'confirmed')
}
