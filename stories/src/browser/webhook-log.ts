import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { takeScreenshot } from './browser.ts'

/** After an order was confirmed while the shop gave webhooks up. */
export async function replaysWebhooks(page: Page, shop: { take(): void }): Promise<void> {
  const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Webhooks to the shop' }) })
  const given = panel.locator('tbody tr', { hasText: 'confirmed' }).filter({ hasText: 'dead' }).first()
  await expect
    .poll(async () => {
      await panel.getByRole('button', { name: 'Show those given up' }).click()
      return given.isVisible()
    })
    .toBe(true)
  expect(await given.textContent()).toMatch(/shopconfirmed.*dead1410, \d+ ms$/)
  shop.take()
  await panel.getByRole('button', { name: 'Replay those given up' }).click()
  await panel.getByText(/^\d+ are queued again, 0 are dead\.$/).waitFor()
  await expect
    .poll(async () => {
      await panel.getByRole('button', { name: 'Show the newest' }).click()
      return await panel.locator('tbody tr', { hasText: 'sent' }).first().isVisible()
    })
    .toBe(true)
  await takeScreenshot(page, 'console-webhooks')
}
