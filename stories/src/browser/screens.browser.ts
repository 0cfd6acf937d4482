import { AxeBuilder } from '@axe-core/playwright'
import type { System } from '@floodgate/dev/system'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { narrowest, openWindow, phone, takeScreenshot, type Window } from './browser.ts'
import { openSale, startOwnSystem } from './demo-system.ts'
import { type ScreenVisit, screenVisits, script } from './screens.ts'

const sale = 'screens'
const windows: Window[] = []
let running: { system: System; stop: () => Promise<void> }
let wide: Window
let small: Window

beforeAll(async () => {
  running = await startOwnSystem()
  await openSale(running.system, sale)
  wide = await openWindow()
  small = await openWindow(phone)
  windows.push(wide, small)
  // From here on both windows have been here: a page asks about them before it joins.
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

const show = async (window: Window, each: ScreenVisit) => {
  const page = await window.newPage()
  await script(page, each.answers)
  await page.goto(`${running.system.urls.waitingRoom}/sales/${sale}`)
  await each.act?.(page)
  await page.locator(`[data-screen="${each.screen}"]`).waitFor()
  await page.getByText(each.says).first().waitFor()
  return page
}

/** The real page, met by answers that a running system gives only in rare moments. */
describe('every screen of the buyer page', () => {
  it.each(screenVisits)('$name says what is going on and what is next, on a desk and on a phone', async (each) => {
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
    await onPhone.close()
    expect([...wide.hosts, ...small.hosts].filter((host) => host !== '127.0.0.1')).toEqual([])
  })
})
