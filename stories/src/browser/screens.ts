import type { Page } from 'playwright-core'
import { fillIn, type ScriptedResponses } from './script-page.ts'
import {
  admitted,
  boardWith,
  catalogueWith,
  ordersWith,
  orderWith,
  problem,
  someRefunds,
  standing,
} from './scripted-responses.ts'

export interface ScreenVisit {
  /** The screenshot's name. */
  readonly name: string
  /** The page's own name of this screen. */
  readonly screen: string
  readonly responses?: Partial<ScriptedResponses>
  act?(page: Page): Promise<void>
  readonly says: RegExp
}

const buy = async (page: Page): Promise<void> => {
  await fillIn(page)
  await page.locator('button[type=submit]').click()
}

const notOpen = problem('sale-not-open')
const soon = new Date(Date.now() + 3_725_000).toISOString()
const waiting = (changes: Parameters<typeof standing>[0] = {}) => ({ ticket: standing(changes) })

/** Every screen of a buyer, with the responses that lead to it. */
export const screenVisits: readonly ScreenVisit[] = [
  { name: 'joining', screen: 'joining', responses: { join: 'nothing' }, says: /Joining/ },
  {
    name: 'join-rejected',
    screen: 'join-rejected',
    responses: { join: problem('line-full') },
    says: /The line is full/,
  },
  {
    name: 'may-join',
    screen: 'may-join',
    responses: { orders: problem('unavailable') },
    says: /Join the line/,
  },
  {
    name: 'not-open-known',
    screen: 'not-open',
    responses: { join: notOpen, board: boardWith({ saleState: 'scheduled', opensAt: soon }) },
    says: /you join the line automatically/,
  },
  {
    name: 'not-open',
    screen: 'not-open',
    responses: { join: notOpen, board: boardWith({ saleState: 'scheduled' }) },
    says: /has not announced when/,
  },
  { name: 'looking', screen: 'looking', responses: { look: problem('busy') }, says: /looking up your place/ },
  {
    name: 'came-back',
    screen: 'confirmed',
    responses: {
      look: standing({ state: 'finished' }),
      orders: ordersWith('confirmed'),
      order: orderWith('confirmed'),
    },
    says: /Join the line again/,
  },
  { name: 'waiting', screen: 'waiting', responses: waiting(), says: /about a minute/ },
  {
    name: 'waiting-unknown-eta',
    screen: 'waiting',
    responses: waiting({ etaSeconds: null }),
    says: /can’t estimate your wait/,
  },
  {
    name: 'paused',
    screen: 'paused',
    responses: waiting({ saleState: 'paused' }),
    says: /You keep your place in line/,
  },
  {
    name: 'recovering',
    screen: 'recovering',
    responses: waiting({ saleState: 'recovering' }),
    says: /Your place is safe/,
  },
  {
    name: 'connection-lost',
    screen: 'waiting',
    responses: { ticket: 'nothing' },
    act: (page) => page.getByText('Connection lost').first().waitFor(),
    says: /Connection lost/,
  },
  { name: 'your-turn', screen: 'your-turn', act: fillIn, says: /left to buy/ },
  {
    name: 'turn-ends',
    screen: 'your-turn',
    responses: { ticket: admitted(35_000) },
    act: fillIn,
    says: /Your time to buy ends in 0:3/,
  },
  {
    name: 'your-turn-rejected',
    screen: 'your-turn',
    responses: { place: problem('over-limit', { skus: ['COAT-M'] }) },
    act: async (page) => {
      await buy(page)
      await page.getByRole('alert').waitFor()
    },
    says: /You have already bought the maximum of/,
  },
  {
    name: 'core-down',
    screen: 'core-down',
    responses: { catalogue: problem('unavailable') },
    says: /You keep your turn/,
  },
  {
    name: 'core-down-placing',
    screen: 'core-down',
    responses: { place: problem('busy') },
    act: buy,
    says: /never placed twice/,
  },
  {
    name: 'sold-out',
    screen: 'sold-out',
    responses: { catalogue: catalogueWith({ available: 0, soldOut: true }) },
    says: /If the shop adds items/,
  },
  {
    name: 'less-left-than-wanted',
    screen: 'your-turn',
    responses: {
      place: problem('sold-out', {
        ...{ skus: ['COAT-M'], final: false, retryable: false },
        items: [{ sku: 'COAT-M', available: 1, soldOut: false }],
      }),
    },
    act: async (page) => {
      await buy(page)
      await page.getByRole('alert').waitFor()
    },
    says: /Only 1 of “Wool coat, medium” is left/,
  },
  {
    name: 'price-changed',
    screen: 'your-turn',
    responses: {
      place: problem('price-changed', {
        ...{ skus: ['COAT-M'], currency: 'EUR' },
        items: [{ sku: 'COAT-M', priceMinor: 14_900 }],
      }),
    },
    act: async (page) => {
      await buy(page)
      await page.locator('button[type=submit]', { hasText: '€149.00' }).waitFor()
    },
    says: /now costs €149.00 instead of €124.50/,
  },
  {
    name: 'sale-closed-inside',
    screen: 'your-turn',
    responses: { ticket: admitted(5 * 60_000, 'closed') },
    says: /You can still buy until your time runs out/,
  },
  {
    name: 'held-by-others',
    screen: 'held-by-others',
    responses: {
      place: problem('sold-out', {
        ...{ skus: ['COAT-M'], final: false, retryable: true },
        items: [{ sku: 'COAT-M', available: 0, soldOut: false }],
      }),
    },
    act: buy,
    says: /We keep checking/,
  },
  { name: 'paying', screen: 'paying', act: buy, says: /Reserved for you/ },
  {
    name: 'confirmed',
    screen: 'confirmed',
    responses: { order: orderWith('confirmed') },
    act: buy,
    says: /It’s yours/,
  },
  {
    name: 'confirmed-late',
    screen: 'confirmed',
    responses: { order: orderWith('confirmed', undefined, { revived: true }) },
    act: buy,
    says: /after all/,
  },
  {
    name: 'confirmed-cancellable',
    screen: 'confirmed',
    responses: { order: orderWith('confirmed', undefined, { cancellableUntil: soon }) },
    act: buy,
    says: /You can cancel this order for another \d+:\d\d/,
  },
  {
    name: 'refunded-in-part',
    screen: 'refunded-in-part',
    responses: { order: orderWith('confirmed', undefined, { refundsMinor: 2_490, refunds: someRefunds }) },
    act: buy,
    says: /Part of your order is refunded/,
  },
  {
    name: 'declined',
    screen: 'declined',
    responses: { order: orderWith('cancelled', 'declined') },
    act: buy,
    says: /try another card/,
  },
  {
    name: 'hold-lapsed',
    screen: 'hold-lapsed',
    responses: { order: orderWith('cancelled', 'expired') },
    act: buy,
    says: /no longer reserved/,
  },
  {
    name: 'cancelled',
    screen: 'cancelled',
    responses: { order: orderWith('cancelled', 'by-buyer') },
    act: buy,
    says: /cancelled/,
  },
  {
    name: 'cancelled-by-shop',
    screen: 'cancelled-by-shop',
    responses: { order: orderWith('cancelled', 'by-operator') },
    act: buy,
    says: /The shop cancelled/,
  },
  {
    name: 'refund-pending',
    screen: 'refund-pending',
    responses: { order: orderWith('refund_pending') },
    act: buy,
    says: /refund is on its way/,
  },
  {
    name: 'refunded',
    screen: 'refunded',
    responses: { order: orderWith('refunded') },
    act: buy,
    says: /We have refunded/,
  },
  {
    name: 'admission-expired',
    screen: 'admission-expired',
    responses: waiting({ state: 'expired' }),
    says: /rejoin/,
  },
  { name: 'finished', screen: 'finished', responses: waiting({ state: 'finished' }), says: /Your turn has ended/ },
  {
    name: 'no-goods',
    screen: 'no-goods',
    responses: { catalogue: problem('not-found') },
    says: /Give my turn back/,
  },
  {
    name: 'turn-over',
    screen: 'turn-over',
    responses: { place: problem('too-many-declined') },
    act: buy,
    says: /Join the line again/,
  },
  {
    name: 'pass-rejected',
    screen: 'your-turn',
    responses: { place: problem('admission-expired') },
    act: async (page) => {
      await buy(page)
      await page.getByRole('alert').waitFor()
    },
    says: /left to buy/,
  },
  {
    name: 'closed',
    screen: 'closed',
    responses: { join: problem('sale-closed'), board: boardWith({ saleState: 'closed' }) },
    says: /This sale is over/,
  },
]
