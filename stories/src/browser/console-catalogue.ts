import { bodyOf } from '@floodgate/client'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { phone, takeScreenshot } from './browser.ts'
import { operatorOf } from './demo-system.ts'

const SALE = 'made'
const params = { sale: SALE }
/** Time limit for a slow machine. */
const patience = { timeout: 60_000 }
const COLUMNS = ['SKU', 'Name', 'List price', 'Sale price', 'Units', 'Per buyer']

/** Creates a sale, and changes its catalogue beside another operator: what the change does not name stays. */
export async function fillsTheCatalogue(page: Page, system: System): Promise<void> {
  const { cores } = operatorOf(system)
  const catalogue = () => bodyOf(cores.readCatalogue({ params }))
  const unitsOf = async (wanted: string) => (await catalogue()).items.find(({ sku }) => sku === wanted)?.total
  const form = page.locator('section', { has: page.getByRole('heading', { name: 'New sale' }) })
  const create = async (name: string) => {
    await form.getByLabel(/^Id/).fill(SALE)
    await form.getByLabel('Name').fill(name)
    await form.getByRole('button', { name: 'Create the sale' }).click()
  }
  const fillRow = async (row: number, values: readonly string[]) => {
    for (const [at, label] of COLUMNS.entries()) await page.getByLabel(`${label}, item ${row}`).fill(values[at] ?? '')
  }
  const save = () => page.getByRole('button', { name: 'Save the catalogue' }).click()
  const cancelWithin = page.getByLabel(/^Buyers may cancel a paid order/)

  await create('Made by hand')
  await page.getByRole('heading', { name: 'Made by hand' }).waitFor()
  await fillRow(1, ['TEA', 'Tea', '900', '450', '20', '2'])
  await page.getByRole('button', { name: 'Add an item' }).click()
  await fillRow(2, ['CUP', 'Cup', '1200', '600', '10', '1'])
  await cancelWithin.fill('3600')
  await save()
  await page.getByText('Saved.').waitFor()
  await page.getByLabel('Units, item 2').fill('15')
  await save()
  await expect.poll(() => unitsOf('CUP'), patience).toBe(15)
  expect(await catalogue()).toMatchObject({ cancelWithinSeconds: 3_600, items: [{ sku: 'TEA', total: 20 }, {}] })

  const { sale: _, items, ...rest } = await catalogue()
  const more = items.map((item) => ({ ...item, total: item.total + 1 }))
  await bodyOf(cores.putCatalogue({ params, body: { ...rest, items: more } }))
  await page.getByLabel('Units, item 1').fill('99')
  await save()
  await page.getByText('Someone else has changed this catalogue.').waitFor()
  await expect.poll(() => page.getByLabel('Units, item 1').inputValue(), patience).toBe('21')
  expect(await cancelWithin.inputValue()).toBe('3600')
  await page.getByLabel('Units, item 1').fill('0')
  await page.getByLabel(/^Raise units to what is held and sold/).check()
  await save()
  await page.getByText('Saved.').waitFor()
  await expect.poll(() => unitsOf('TEA'), patience).toBe(0)
  expect((await catalogue()).cancelWithinSeconds, 'buyers keep it when the sale is stopped').toBe(3_600)
  await cancelWithin.fill('0')
  await save()
  await expect.poll(async () => (await catalogue()).cancelWithinSeconds, patience).toBeUndefined()
  await takeScreenshot(page, 'console-catalogue')
  await page.setViewportSize(phone)
  await takeScreenshot(page, 'console-phone')
  await create('Again')
  await page.getByText('A sale “made” already exists').waitFor()
}
