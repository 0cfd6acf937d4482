import { AxeBuilder } from '@axe-core/playwright'
import { bodyOf } from '@floodgate/client'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { takeScreenshot } from './browser.ts'
import { admittedBuyer, operatorOf } from './demo-system.ts'

/** Time limit for a slow machine. */
const patience = { timeout: 60_000 }

/** Creates and changes campaigns of a sale in its console, and meets each rejection. */
export async function runsCampaigns(page: Page, { system, sale }: { system: System; sale: string }): Promise<void> {
  const { cores } = operatorOf(system)
  const campaign = () => bodyOf(cores.readVoucherCampaign({ params: { sale, campaign: 'spring' } }))
  await page.getByRole('button', { name: new RegExp(`^${sale} ·`) }).click()
  await page.getByRole('link', { name: new RegExp(`${sale}$`) }).waitFor()
  const panel = page.getByRole('region', { name: 'Vouchers' })
  await panel.getByText('The sale has no vouchers.').waitFor()

  await panel.getByLabel(/^Id/).fill('spring')
  await panel.getByLabel('Name for buyers').fill('Spring')
  await panel.getByLabel('Takes off (%)').fill('20')
  await panel.getByLabel('At most').fill('700')
  await panel.getByLabel('How many').fill('3')
  await panel.getByLabel(/^Items must cost/).fill('1000')
  await panel.getByRole('button', { name: 'Create the campaign' }).click()
  await panel.getByText('Saved.').waitFor()
  expect(await campaign()).toMatchObject({
    ...{ name: 'Spring', discount: { kind: 'percentage', percent: 20, capMinor: 700 } },
    ...{ total: 3, minimumMinor: 1_000, validFrom: null, validUntil: null },
  })
  expect(await panel.locator('tbody tr').textContent()).toContain('spring')

  await panel.getByLabel('How many').fill('5')
  const { name, discount, minimumMinor } = await campaign()
  const changed = { name, discount, minimumMinor, total: 4 }
  await bodyOf(cores.putVoucherCampaign({ params: { sale, campaign: 'spring' }, body: changed }))
  await panel.getByRole('button', { name: 'Save the campaign' }).click()
  await page.getByText('Someone else has changed this campaign.').waitFor()
  await expect.poll(() => panel.getByLabel('How many').inputValue(), patience).toBe('4')
  await panel.getByLabel('Discount').selectOption('An amount')
  await panel.getByLabel('Takes off', { exact: true }).fill('300')
  await panel.getByLabel(/^Valid until/).fill('2099-01-01T00:00')
  await panel.getByRole('button', { name: 'Save the campaign' }).click()
  await panel.getByText('Saved.').waitFor()
  expect(await campaign()).toMatchObject({ discount: { kind: 'fixed', amountMinor: 300 }, total: 4 })
  expect((await campaign()).validUntil).not.toBeNull()

  await panel.getByLabel('Campaign to create or change').selectOption('A new campaign')
  await panel.getByLabel(/^Id/).fill('spring')
  await panel.getByLabel('Name for buyers').fill('Again')
  await panel.getByLabel('Takes off (%)').fill('5')
  await panel.getByLabel('How many').fill('1')
  await panel.getByRole('button', { name: 'Create the campaign' }).click()
  await page.getByText('A campaign “spring” already exists.').waitFor()
  expect(await campaign()).toMatchObject({ name: 'Spring', total: 4 })

  const bearer = (await admittedBuyer(system, sale)).admission()
  await bodyOf(cores.claimVoucher({ params: { sale, campaign: 'spring' }, bearer }))
  await panel.getByLabel('Campaign to create or change').selectOption('spring')
  await expect.poll(() => panel.getByLabel('How many').inputValue(), patience).toBe('4')
  await panel.getByLabel('Takes off', { exact: true }).fill('900')
  await panel.getByRole('button', { name: 'Save the campaign' }).click()
  await page.getByText('Buyers already have vouchers on the present terms').waitFor()
  await expect.poll(() => panel.locator('tbody td').nth(5).textContent(), patience).toBe('1')
  const inStock = page.getByRole('row', { name: /^Vouchers: spring/ })
  await expect.poll(() => inStock.textContent(), patience).toBe('Vouchers: spring43 / 31 / 1✓ agree')
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
  await takeScreenshot(page, 'console-vouchers')
}
