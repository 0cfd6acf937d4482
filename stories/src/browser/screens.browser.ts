import { AxeBuilder } from '@axe-core/playwright'
import type { System } from '@floodgate/dev/system'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desk, narrowest, openWindow, phone, takeScreenshot, type Window } from './browser.ts'
import { openSale, startOwnSystem } from './demo-system.ts'
import { type ScreenVisit, screenVisits } from './screens.ts'
import { fillIn, script } from './script-page.ts'
import { catalogueOf, orderId, ordersWith, orderWith, problem, vouchersWith } from './scripted-responses.ts'
import { contrastOfEnds, faintTexts, unseenFocus } from './seen.ts'

const sale = 'screens'
const windows: Window[] = []
let running: { system: System; stop(): Promise<void> }
let wide: Window
let small: Window
/** Twice as many pixels, since only then thin letters are drawn in full colour. */
let sharp: Window

beforeAll(async () => {
  running = await startOwnSystem()
  await openSale(running.system, sale)
  wide = await openWindow()
  small = await openWindow(phone)
  sharp = await openWindow(phone, { pixelRatio: 2 })
  windows.push(wide, small, sharp)
  // From here on every window is known, which a page checks before it joins.
  for (const window of windows) {
    const page = await window.newPage()
    await script(page)
    await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
    await page.close()
  }
})
afterAll(async () => {
  for (const window of windows) await window.close()
  await running?.stop()
})

/** Returns how far the page is wider than its window when it reads from right to left. */
const TURNED = `
  document.documentElement.dir = 'rtl'
  const boxes = [...document.querySelectorAll('#stage *:not(.hidden):not(.hidden *)')].map((each) => each.getBoundingClientRect())
  Math.max(
    document.documentElement.scrollWidth - innerWidth,
    ...boxes.map(({ left, right }) => Math.max(-left, right - innerWidth)),
  )
`

const show = async (window: Window, each: ScreenVisit) => {
  const page = await window.newPage()
  await script(page, each.responses)
  await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
  await each.act?.(page)
  await page.locator(`[data-screen="${each.screen}"]`).waitFor()
  await page.getByText(each.says).filter({ visible: true }).first().waitFor()
  return page
}

it('a form whose buyers pay on the page of the provider offers no cards, and orders without one', async () => {
  const page = await wide.newPage()
  await script(page)
  const url = `${running.system.urls.waitingRoom}/sales/${sale}`
  await page.route(url, async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace('"paysElsewhere":false', '"paysElsewhere":true')
    await route.fulfill({ response, body })
  })
  await page.goto(url)
  await page.getByText('You pay on the page of the payment provider').waitFor()
  expect(await page.locator('input[name=method]').count()).toBe(0)
  const ordered = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/orders'))
  await fillIn(page)
  await page.locator('button[type=submit]').click()
  expect((await ordered).postDataJSON()).toMatchObject({ paymentMethod: 'provider-page' })
  await page.close()
})

/** Opens the real page with responses that a running system gives only rarely. */
describe('every screen of the buyer page', () => {
  it.each(screenVisits)(
    '$name says what is happening and what comes next, on a desktop and on a phone',
    async (each) => {
      const page = await show(wide, each)
      await takeScreenshot(page, each.name)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
      await page.close()

      const onPhone = await show(small, each)
      await takeScreenshot(onPhone, `${each.name}-phone`)
      await onPhone.setViewportSize(narrowest)
      const overflow = await onPhone.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      expect(overflow).toBeLessThanOrEqual(0)
      await onPhone.setViewportSize(phone)
      expect(await onPhone.evaluate<number>(TURNED), 'from right to left').toBeLessThanOrEqual(0)
      await onPhone.close()
      expect([...wide.hosts, ...small.hosts].filter((host) => host !== '127.0.0.1')).toEqual([])
    },
  )
})

it('of a catalogue of ten thousand items only those near the window are laid out, and the last one can be chosen', async () => {
  const page = await wide.newPage()
  await script(page, { catalogue: catalogueOf(10_000) })
  await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
  const items = page.locator('.item')
  await items.first().waitFor()
  expect(await items.count()).toBe(10_000)
  const laidOut = `[...document.querySelectorAll('.item > .what')].filter(
    (each) => each.checkVisibility({ contentVisibilityAuto: true })).length`
  expect(await page.evaluate<number>(laidOut)).toBeLessThan(100)
  await items.last().scrollIntoViewIfNeeded()
  await items.last().getByRole('spinbutton').fill('1')
  await page.locator('button[type=submit]', { hasText: '€124.50' }).waitFor()
  await page.close()
})

it('a chosen voucher is claimed and lowers the price; one that is gone says so, and takes nothing off', async () => {
  const page = await wide.newPage()
  const gone = { campaign: 'gone', name: 'Early bird', available: 0, minimumMinor: 0 }
  await script(page, { vouchers: vouchersWith({}, gone) })
  await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
  await fillIn(page)
  const buy = page.locator('button[type=submit]')
  expect(await buy.textContent()).toContain('€124.50')
  await page.getByRole('radio', { name: /Spring: 20% off, up to €20.00/ }).check()
  await page.getByText('This one is yours.').waitFor()
  await buy.filter({ hasText: '€104.50' }).waitFor()
  await takeScreenshot(page, 'voucher')
  const spring = page.getByRole('radio', { name: /Spring/ })
  await page.getByRole('radio', { name: 'No voucher' }).check()
  expect(await buy.textContent()).toContain('€124.50')
  await spring.check()
  await buy.filter({ hasText: '€104.50' }).waitFor()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  const ordered = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/orders'))
  await buy.click()
  expect((await ordered).postDataJSON()).toMatchObject({ voucher: 'spring' })
  await page.close()

  const other = await wide.newPage()
  await script(other, { vouchers: vouchersWith({}, gone), claim: problem('vouchers-gone') })
  await other.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
  await fillIn(other)
  await other.getByText('All of them have been claimed.').waitFor()
  await other.getByRole('radio', { name: /Early bird/ }).check()
  await other.getByText('All vouchers of this campaign have been claimed.').waitFor()
  expect(await other.locator('button[type=submit]').textContent()).toContain('€124.50')
  await other.close()
})

const KOREAN = [
  ...['may-join', 'join-rejected', 'not-open-known', 'came-back', 'waiting', 'waiting-unknown-eta', 'your-turn'],
  ...['your-turn-rejected', 'price-changed', 'sold-out', 'held-by-others', 'declined', 'closed'],
]
/** Names of the sale, its items, the buyer and the order; and names of time zones. */
const NAMES =
  /Winter <b>coats<\/b> & more|Wool coat, (?:medium|large)|Scarf|buyer@example\.com|\bGMT(?:[+-]\d+)?|\bUTC\b/g
const ORDER_NUMBER = /[0-9A-Z]{4}-[0-9A-Z]{4}/g

describe('in Korean', () => {
  let korean: Window
  beforeAll(async () => {
    korean = await openWindow(phone, { locale: 'ko-KR' })
    windows.push(korean)
    const page = await korean.newPage()
    await script(page)
    await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
    await page.close()
  })

  it.each(KOREAN)('%s contains no word of another language', async (name) => {
    const visit = screenVisits.find((each) => each.name === name)
    if (visit === undefined) throw new Error(`No screen is called ${name}.`)
    const page = await show(korean, { ...visit, says: /[가-힣]/ })
    await takeScreenshot(page, `${name}-ko`)
    expect(await page.locator('html').getAttribute('lang')).toBe('ko')
    const said = [await page.title(), await page.evaluate<string>('document.body.innerText')].join('\n')
    expect(said.replaceAll(NAMES, '').replaceAll(ORDER_NUMBER, '')).not.toMatch(/[A-Za-z]/)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
    await page.setViewportSize(narrowest)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await page.close()
  })

  it('the page continues in English where a process lacks the file of the language', async () => {
    const page = await korean.newPage()
    await script(page)
    await page.route(/\/languages\/ko\.ts$/, (route) => route.fulfill({ status: 404, body: '' }))
    await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
    await page.locator('[data-screen="your-turn"]', { hasText: 'What would you like?' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.close()
  })
})

/** The ways in which a page is drawn. Each page is tested with both, one after the other. */
const drawings = [
  { name: 'dark', media: { colorScheme: 'dark', forcedColors: 'none' } },
  { name: 'forced', media: { colorScheme: 'light', forcedColors: 'active' } },
] as const

async function lookInBoth(page: Page, { name, controls = 4 }: { name: string; controls?: number }) {
  for (const drawing of drawings) {
    await page.emulateMedia(drawing.media)
    await takeScreenshot(page, `${name}-${drawing.name}`)
    expect(await faintTexts(page), `${name}, ${drawing.name}`).toEqual([])
    expect(await unseenFocus(page, controls), `${name}, ${drawing.name}: focus`).toEqual([])
    const { violations } = await new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']).analyze()
    expect(violations, `${name}, ${drawing.name}`).toEqual([])
  }
}
const drawn = (name: string) => {
  const visit = screenVisits.find((each) => each.name === name)
  if (visit === undefined) throw new Error(`No screen is called ${name}.`)
  return show(sharp, visit)
}

describe('in dark mode and with forced colours', () => {
  it.each(['turn-ends', 'your-turn-rejected', 'confirmed', 'admission-expired'])(
    '%s is readable, and the focus visible',
    async (name) => {
      const page = await drawn(name)
      await lookInBoth(page, { name })
      await page.close()
    },
  )

  it('the progress in the line is visible', async () => {
    const page = await drawn('waiting')
    await lookInBoth(page, { name: 'waiting' })
    for (const { name, media } of drawings) {
      await page.emulateMedia(media)
      expect(await contrastOfEnds(page, '.progress'), name).toBeGreaterThanOrEqual(3)
    }
    await page.close()
  })

  it("an order's own page is readable", async () => {
    const page = await sharp.newPage()
    await script(page, { order: orderWith('confirmed'), orders: ordersWith('confirmed') })
    await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}/orders/${orderId}`)
    await page.locator('[data-screen="confirmed"]').waitFor()
    await lookInBoth(page, { name: 'order' })
    await page.close()
  })

  it('the console is readable; selected and disabled controls differ in shape', async () => {
    const page = await sharp.newPage()
    await page.setViewportSize(desk)
    await page.goto(running.system.urls.console)
    await page.getByText('✓ agree').first().waitFor()
    await lookInBoth(page, { name: 'console', controls: 8 })
    const styleOf = (button: string, name: string) =>
      page.evaluate(
        `getComputedStyle(document.evaluate('//button[${button}]', document, null, 9).singleNodeValue).${name}`,
      )
    expect(await styleOf('text()="Resume"', 'borderStyle')).toBe('dashed')
    expect(await styleOf('text()="Pause"', 'borderStyle')).toBe('solid')
    expect(await styleOf('@aria-current="true"', 'borderTopWidth')).toBe('3px')
    await page.setViewportSize(phone)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await page.close()
  })
})
