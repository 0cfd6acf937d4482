import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { takeScreenshot } from './browser.ts'

/** Opens the new message about a confirmed order, on the page where it was bought; it is read then, also after a reload. */
export async function readsTheMessage(page: Page): Promise<void> {
  const messages = page.getByRole('complementary', { name: 'Messages about your orders' })
  await messages.getByText('Messages about your orders: 1 new').click()
  await messages.getByText('Your order is confirmed').waitFor()
  await messages.getByText('Messages about your orders', { exact: true }).waitFor()
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
  await takeScreenshot(page, 'messages-phone')
  await page.reload()
  await messages.getByText('Messages about your orders', { exact: true }).waitFor()
}
