import { bodyOf } from '@floodgate/client'
import type { Role } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { takeScreenshot, type Window } from './browser.ts'
import { operatorOf } from './demo-system.ts'

/** Buttons of a person who only reads. */
const READING = [
  'Check the ledger',
  'Show trace',
  'Show the order',
  'Show rejected refunds',
  'Show the newest',
  'Show those given up',
]
/** Some of those that change something, one of each panel. */
const CHANGING = [
  'Pause',
  'Close',
  'Apply',
  'Save the catalogue',
  'Create the campaign',
  'Create the sale',
  'Make a token for 15 minutes',
]
/** Time limit for a slow machine. */
const patience = { timeout: 60_000 }

interface Desk {
  readonly system: System
  readonly window: Window
  readonly sale: string
}

/** Each person signs in with a token of their own, sees the buttons that the role may use, and leaves when it is revoked. */
export async function signsInByRole({ system, window, sale }: Desk): Promise<void> {
  const { rooms } = operatorOf(system)
  async function signIn(name: string, role: Role): Promise<{ page: Page; id: string }> {
    const { id, token } = await bodyOf(rooms.createToken({ body: { name, role, days: 1 } }))
    const page = await window.newPage()
    await page.goto(`${system.urls.waitingRoom}/console`)
    await page.getByLabel('Operator token').fill(token)
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.getByText(`Signed in as ${name} (${role}: `).waitFor()
    await page.getByRole('button', { name: new RegExp(`^${sale} ·`) }).click()
    await page.getByRole('link', { name: new RegExp(`${sale}$`) }).waitFor()
    return { page, id }
  }
  async function buttonsOf(page: Page): Promise<readonly string[]> {
    const names = await page.getByRole('button').allTextContents()
    // The list of sales.
    return names.filter((name) => !name.includes(' · '))
  }

  const viewer = await signIn('Vera', 'viewer')
  await viewer.page.getByText('✓ agree').first().waitFor()
  expect(await buttonsOf(viewer.page)).toEqual(READING)
  await takeScreenshot(viewer.page, 'console-viewer')
  // A form without a visible button is still sent by Enter: the app rejects it, and the page says why.
  const { admitPerSecond } = await bodyOf(rooms.readSale({ params: { sale } }))
  await viewer.page
    .getByRole('region', { name: /^Winter/ })
    .getByLabel('Admissions per second')
    .fill('1')
  await viewer.page.keyboard.press('Enter')
  await viewer.page
    .getByText('“Vera” has the role viewer; this needs the role operator. Nothing was changed.')
    .waitFor()
  expect(await bodyOf(rooms.readSale({ params: { sale } }))).toMatchObject({ admitPerSecond })

  const seller = await signIn('Omar', 'operator')
  await expect.poll(() => buttonsOf(seller.page), patience).toEqual(expect.arrayContaining([...READING, ...CHANGING]))
  expect(await buttonsOf(seller.page)).not.toContain('Drop those given up')

  await bodyOf(rooms.revokeToken({ params: { id: viewer.id } }))
  await viewer.page.getByText('That token is not accepted: mistyped, expired or revoked.').waitFor()
  expect(await viewer.page.getByText('Vera').count()).toBe(0)
  expect(await seller.page.getByText('Signed in as Omar').count()).toBe(1)
}
