import type { SaleResource } from '@floodgate/contracts'
import { expect } from 'vitest'
import { openWindow, takeScreenshot } from './browser.ts'

const patience = { timeout: 60_000 }

export interface Desk {
  readonly consoleUrl: string
  saleOf(sale: string): Promise<SaleResource>
  /** Another operator, without a console. */
  changeSettings(sale: string, changes: object): Promise<void>
}

export async function seesWhichInstantIsMeant({ consoleUrl, saleOf, changeSettings }: Desk): Promise<void> {
  const berlin = await openWindow(undefined, { timezoneId: 'Europe/Berlin' })
  try {
    const page = await berlin.newPage()
    await page.goto(consoleUrl)
    const form = page.locator('section', { has: page.getByRole('heading', { name: 'New sale' }) })
    await form.getByLabel(/^Id/).fill('spring')
    await form.getByLabel('Name').fill('Spring')
    await form.getByLabel('Opens at').fill('2099-03-29T02:30')
    await form.getByText(/does not exist. They then show .*03:30:00 GMT\+2 \(Europe\/Berlin\)/).waitFor()
    await form.getByLabel('Closes at').fill('2099-10-25T02:30')
    await form.getByText(/occurs twice. Chosen: the first, .*02:30:00 GMT\+2 \(Europe\/Berlin\)/).waitFor()
    await form.getByLabel(/^The second, .*02:30:00 GMT\+1/).check()
    await form.getByText(/occurs twice. Chosen: the second, .*02:30:00 GMT\+1/).waitFor()
    await form.getByLabel(/^The first/).check()
    await form.getByRole('button', { name: 'Create the sale' }).click()
    await form.locator('input[name=opensAt]:invalid').waitFor()
    await form.getByLabel('Opens at').fill('2099-03-29T03:30')
    await form.getByRole('button', { name: 'Create the sale' }).click()
    const card = page.getByRole('region', { name: /^Spring/ })
    await card.getByText(/^Opens 29 March 2099.*03:30:00 GMT\+2.*closes 25 October 2099.*02:30:00 GMT\+2/).waitFor()
    expect(await saleOf('spring')).toMatchObject({
      opensAt: '2099-03-29T01:30:00.000Z',
      closesAt: '2099-10-25T00:30:00.000Z',
    })
    // The second of the two instants, set elsewhere: another change of the form leaves it unchanged.
    await changeSettings('spring', { opensAt: '2099-03-29T03:30:00+02:00', closesAt: '2099-10-25T02:30:00+01:00' })
    await card.getByText(/closes 25 October 2099.*02:30:00 GMT\+1/).waitFor()
    await expect.poll(() => card.getByLabel('Closes at').inputValue(), patience).toBe('2099-10-25T02:30')
    await card.getByText(/occurs twice. Chosen: the second, .*02:30:00 GMT\+1/).waitFor()
    await card.getByLabel('Opens at').fill('2099-03-29T04:00')
    await card.getByRole('button', { name: 'Apply' }).click()
    await card.getByText(/^Opens 29 March 2099.*04:00:00 GMT\+2/).waitFor()
    expect(await saleOf('spring')).toMatchObject({
      opensAt: '2099-03-29T02:00:00.000Z',
      closesAt: '2099-10-25T01:30:00.000Z',
    })
    await takeScreenshot(page, 'console-times')
    // The first of the two instants, only by the choice.
    await card.getByLabel(/^The first/).check()
    await card.getByRole('button', { name: 'Apply' }).click()
    await expect.poll(async () => (await saleOf('spring')).closesAt, patience).toBe('2099-10-25T00:30:00.000Z')
    await card.getByText(/^Opens .*closes 25 October 2099.*02:30:00 GMT\+2/).waitFor()
    await card.getByLabel('Closes at').fill('')
    await card.getByRole('button', { name: 'Apply' }).click()
    await card.getByText(/closes by hand/).waitFor()
    expect(berlin.errors).toEqual([])
  } finally {
    await berlin.close()
  }
}

export async function choosesTheSecondHalfHour({ consoleUrl, saleOf }: Desk): Promise<void> {
  const island = await openWindow(undefined, { timezoneId: 'Australia/Lord_Howe' })
  try {
    const page = await island.newPage()
    await page.goto(consoleUrl)
    await page.getByRole('button', { name: /^paced · / }).click()
    const card = page.getByRole('region', { name: /^Winter/ })
    // Until then the card is that of another sale.
    await card.getByRole('link', { name: /paced$/ }).waitFor()
    await card.getByLabel('Closes at').fill('2099-04-05T01:45')
    await card.getByLabel(/^The second, .*01:45:00 GMT\+10:30/).check()
    await card.getByRole('button', { name: 'Apply' }).click()
    await expect.poll(async () => (await saleOf('paced')).closesAt, patience).toBe('2099-04-04T15:15:00.000Z')
    await card.getByText(/^Opens .*closes 5 April 2099.*01:45:00 GMT\+10:30 \(Australia\/Lord_Howe\)/).waitFor()
    await expect.poll(() => card.getByLabel(/^The second/).isChecked(), patience).toBe(true)
    await card.getByLabel('Closes at').fill('2099-10-04T02:15')
    await card.getByRole('button', { name: 'Apply' }).click()
    await card.getByText(/does not exist. They then show .*02:45:00 GMT\+11/).waitFor()
    expect((await saleOf('paced')).closesAt, 'refused').toBe('2099-04-04T15:15:00.000Z')
    await card.getByLabel('Closes at').fill('')
    await card.getByRole('button', { name: 'Apply' }).click()
    await card.getByText(/closes by hand/).waitFor()
    expect(island.errors).toEqual([])
  } finally {
    await island.close()
  }
}
