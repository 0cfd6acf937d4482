import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { takeScreenshot } from './browser.ts'

/** Time limit for a slow machine. */
const patience = { timeout: 60_000 }

/** After an order was confirmed while the shop gave webhooks up. */
export async function replaysWebhooks(page: Page, shop: { take(): void }): Promise<void> {
  const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Webhooks to the shop' }) })
  const given = panel.locator('tbody tr', { hasText: 'confirmed' }).filter({ hasText: 'dead' }).first()
  await expect
    .poll(async () => {
      await panel.getByRole('button', { name: 'Show those given up' }).click()
      return given.isVisible()
    }, patience)
    .toBe(true)
  expect(await given.textContent()).toMatch(/shopconfirmed.*dead1\d{4}-\d\d-\d\d [\d:]{8}: 410, \d+ ms/)
  const drop = panel.getByRole('button', { name: 'Drop those given up' })
  const cancel = page.getByRole('dialog').getByRole('button', { name: 'Cancel' })
  await drop.click()
  await cancel.click()
  const dropOne = given.getByRole('button', { name: 'Drop' })
  await dropOne.click()
  await cancel.click()
  await dropOne.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drop it' }).click()
  await panel.getByText('The webhook is dropped.').waitFor()
  shop.take()
  // Its own button is the only way left to send it.
  await panel.locator('tbody tr', { hasText: 'dropped' }).getByRole('button', { name: 'Send again' }).click()
  await panel.getByText('The webhook is queued again.').waitFor()
  await panel.getByRole('button', { name: 'Replay those given up' }).click()
  await panel.getByText(/^\d+ are queued again, 0 are dead\.$/).waitFor()
  await expect
    .poll(async () => {
      await panel.getByRole('button', { name: 'Show the newest' }).click()
      return await panel.locator('tbody tr', { hasText: 'sent' }).first().isVisible()
    }, patience)
    .toBe(true)
  const replayed = panel.locator('tbody tr', { hasText: 'sent' }).filter({ hasText: '410' }).first()
  await replayed.locator('summary').click()
  await replayed
    .getByRole('listitem')
    .filter({ hasText: /: 410, \d+ ms$/ })
    .waitFor()
  await takeScreenshot(page, 'console-webhooks')
  await drop.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drop them' }).click()
  await panel.getByText('0 are dropped, 0 are dead.').waitFor()
}
