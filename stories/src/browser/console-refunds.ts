import { AxeBuilder } from '@axe-core/playwright'
import { bodyOf } from '@floodgate/client'
import { simulatedCharges } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { takeScreenshot } from './browser.ts'
import { buyCoats, operatorOf } from './demo-system.ts'

const PRICE_MINOR = 12_450
/** Time limit for a slow machine. */
const patience = { timeout: 60_000 }

/** Refunds one of two coats; the other one was paid back at the provider, which then rejects the refund. */
export async function refundsByLineAndByHand(page: Page, system: System, sale: string): Promise<void> {
  const { cores } = operatorOf(system)
  const id = await buyCoats(system, sale, 2)
  const order = () => bodyOf(cores.inspectOrder({ params: { id } }))
  await expect.poll(async () => (await order()).status, patience).toBe('confirmed')
  const panel = page.getByRole('region', { name: 'Refunds' })
  const show = async () => {
    await panel.getByLabel('Order id or number').fill(id)
    await panel.getByRole('button', { name: 'Show the order' }).click()
    await panel.getByText(`Order ${id} of ${sale}`).waitFor()
  }
  const refund = async () => {
    await panel.getByRole('button', { name: 'Refund these items' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Refund', exact: true }).click()
    await panel.getByText('The refund is requested.').waitFor()
  }

  await panel.getByLabel('Order id or number').fill('0000-0000')
  await panel.getByRole('button', { name: 'Show the order' }).click()
  await panel.getByText('No order has that number.').waitFor()
  await showsTwins(page, [id, 'the-other'])
  await show()
  await panel.getByLabel('COAT, of 2').fill('0')
  await panel.getByLabel(/^Reason/).fill('arrived torn')
  await panel.getByRole('button', { name: 'Refund these items' }).click()
  await panel.getByText('Enter how many units are refunded.').waitFor()
  await panel.getByLabel('COAT, of 2').fill('1')
  await panel.getByLabel(/^Back into stock/).check()
  await panel.getByRole('button', { name: 'Refund these items' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  expect((await order()).refunds).toBeUndefined()
  await refund()
  const first = { items: [{ sku: 'COAT', quantity: 1 }], amountMinor: PRICE_MINOR, restock: true }
  await expect.poll(async () => (await order()).refunds, patience).toMatchObject([{ ...first, status: 'refunded' }])
  await panel.getByText('€124.50 of €249.00 refunded.').waitFor()

  await payBackAtProvider(system, id)
  await show()
  await panel.getByLabel(/^Reason/).fill('came back')
  await refund()
  const second = { ...first, restock: false }
  await expect.poll(async () => (await order()).refunds?.[1], patience).toMatchObject({ ...second, status: 'parked' })
  await panel.getByRole('button', { name: 'Show rejected refunds' }).click()
  const rejected = panel.getByRole('listitem').filter({ hasText: id })
  await rejected.waitFor()
  expect(await rejected.textContent()).toMatch(/^€124\.50 of order /)
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations.map(({ id: rule, nodes }) => [rule, nodes[0]?.html])).toEqual([])
  await takeScreenshot(page, 'console-refunds')
  await rejected.getByLabel(/^Made by hand/).fill('re_by_hand')
  await rejected.getByRole('button', { name: 'Record it as made' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'It was made' }).click()
  await panel.getByText('The refund counts as made.').waitFor()
  await rejected.waitFor({ state: 'detached' })
  await expect.poll(async () => (await order()).status, patience).toBe('refunded')
  expect(await chargeOf(system, id)).toMatchObject({ amountMinor: 2 * PRICE_MINOR, refundedMinor: 2 * PRICE_MINOR })
  await show()
  await panel.getByText('There is nothing to refund').waitFor()
  await checksTheLedger(page, sale)
}

/** Of several orders with one number the panel shows none: a refund must not go to the wrong buyer. */
async function showsTwins(page: Page, ids: readonly string[]): Promise<void> {
  const panel = page.getByRole('region', { name: 'Refunds' })
  const headers = { 'access-control-allow-origin': '*' }
  const orders = ids.map((id) => ({ id, status: 'confirmed', totalMinor: 12_450, currency: 'EUR' }))
  await page.route(/\/admin\/orders\?number=/, (route) => route.fulfill({ headers, json: { orders, next: null } }))
  await panel.getByRole('button', { name: 'Show the order' }).click()
  const named = ids.map((id) => `${id} (€124.50)`).join(', ')
  await panel.getByText(`Several orders have that number. Enter the id of one: ${named}.`).waitFor()
  expect(await panel.getByRole('button', { name: 'Refund these items' }).count()).toBe(0)
  await page.unrouteAll({ behavior: 'wait' })
}

/** With refunds the ledger still adds up, as its button in the sale's panel says. */
async function checksTheLedger(page: Page, sale: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${sale} ·`) }).click()
  await page.getByRole('link', { name: new RegExp(`${sale}$`) }).waitFor()
  await page.getByRole('button', { name: 'Check the ledger' }).click()
  await page.getByText('The ledger adds up: items, limits, amounts, refunds and vouchers.').waitFor()
}

async function chargeOf({ urls }: System, order: string) {
  const { charges } = simulatedCharges.parse(await (await fetch(`${urls.paymentSimulator}/charges`)).json())
  const charge = charges.find(({ orderId, status }) => orderId === order && status === 'approved')
  if (charge === undefined) throw new Error('the order has no charge')
  return charge
}

/** Refunds one coat as a person does in the provider's dashboard. */
async function payBackAtProvider(system: System, order: string): Promise<void> {
  const { id } = await chargeOf(system, order)
  const response = await fetch(`${system.urls.paymentSimulator}/charges/${id}/refunds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ amountMinor: PRICE_MINOR }),
  })
  expect(response.status).toBe(201)
}
