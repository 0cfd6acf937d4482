import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import { admitted, after, jobKinds, joined, now, order, screenOf, start, ticket } from '../../testing/buyer-page.ts'
import { announcementOf } from './announce.ts'
import { beginWith } from './begin.ts'
import { jobsOf } from './jobs.ts'
import { memoryOf } from './memory.ts'
import type { Model } from './model.ts'
import type { PageEvent } from './page-event.ts'
import { type Shop, shopOf } from './shop.ts'
import { textOf } from './texts.ts'
import { viewOf } from './view-state.ts'

const SECOND = 1_000
const URL = 'https://shop.example:8443/checkout?basket=7&floodgate=a.b.c.d.e.f'
const arrival = { hasShop: true, isFramed: false, sentAt: undefined, now }
const handedOver = (at = now, url = URL): PageEvent => ({
  ...{ kind: 'handed-over', url, at },
  expiresAt: new Date(at + 60 * SECOND).toISOString(),
})
const begin = (shop: Partial<Parameters<typeof shopOf>[0]> = {}, memory = {}, isKnown = false) =>
  beginWith({ id: 'demo', name: 'Demo', state: 'open' }, memory, { shop: shopOf({ ...arrival, ...shop }), isKnown })
const inside = (shop: Partial<Parameters<typeof shopOf>[0]> = {}) => after(begin(shop), joined, admitted)
const toShop = (model: Model, at = now) => {
  const screen = screenOf(model, at)
  if (screen.kind !== 'to-shop') throw new Error(screen.kind)
  return screen
}
const linesOf = (model: Model, at = now) => textOf(screenOf(model, at), english).lines
const goJob = (model: Model) => jobsOf(model).find(({ kind }) => kind === 'go')

describe('an admitted buyer of a sale with a shop', () => {
  it('gets the address, not the form, and no request goes to the order core', () => {
    const model = inside()
    expect(jobKinds(model)).toEqual(['follow-line', 'hand-over'])
    expect(toShop(model)).toMatchObject({ url: undefined, goesInSeconds: null, secondsLeft: 300, failing: false })
    expect(linesOf(model)).toEqual(['You can buy at the shop now. We are preparing your way there.'])
  })

  it('is redirected after five seconds, which a renewed address does not restart', () => {
    const model = after(inside(), handedOver())
    expect(toShop(model)).toMatchObject({ shop: 'shop.example:8443', url: URL, goesInSeconds: 5, isFresh: true })
    expect(linesOf(model)[0]).toContain('shop.example:8443')
    expect(goJob(model)).toEqual({ kind: 'go', key: `go ${now + 5 * SECOND}`, at: now + 5 * SECOND })
    const renewed = after(model, handedOver(now + 3 * SECOND, `${URL}g`))
    expect(goJob(renewed)).toEqual(goJob(model))
    expect(toShop(renewed, now + 3 * SECOND)).toMatchObject({ url: `${URL}g`, goesInSeconds: 2 })
    expect(toShop(renewed, now + 9 * SECOND).goesInSeconds).toBe(0)
  })

  it('may stay: the page no longer redirects by itself, and the button leads there at once', () => {
    const model = after(inside(), handedOver(), { kind: 'stay-here' }, handedOver(now + 30 * SECOND))
    expect(toShop(model)).toMatchObject({ goesInSeconds: null, url: URL, sentBack: false })
    expect(goJob(model)).toBeUndefined()
    expect(goJob(after(model, { kind: 'go-to-shop', at: now + 40 * SECOND }))).toMatchObject({ at: now + 40 * SECOND })
  })

  it('is redirected once: the page stays as it is when the browser does not leave it', () => {
    const model = after(inside(), handedOver(), { kind: 'sent', at: now + 5 * SECOND }, handedOver(now + 35 * SECOND))
    expect(goJob(model)).toBeUndefined()
    expect(toShop(model)).toMatchObject({ goesInSeconds: null, sentBack: false })
  })

  it('has an address that the shop still accepts, or none', () => {
    const model = after(inside(), handedOver())
    expect(toShop(model, now + 44 * SECOND).isFresh).toBe(true)
    expect(toShop(model, now + 46 * SECOND).isFresh).toBe(false)
  })

  it('sees that the redirect fails after a moment, and is redirected once the address is there', () => {
    const failing = after(inside(), { kind: 'not-handed-over', at: now }, { kind: 'not-handed-over', at: now + SECOND })
    expect(toShop(failing, now + SECOND).failing).toBe(false)
    expect(linesOf(failing, now + 2 * SECOND)[0]).toBe('We cannot send you to the shop at the moment. We keep trying.')
    expect(toShop(after(failing, handedOver(now + 3 * SECOND)), now + 3 * SECOND)).toMatchObject({
      ...{ failing: false, goesInSeconds: 5 },
    })
    // An address that is still good counts more than a failed renewal.
    const known = after(inside(), handedOver(), { kind: 'stay-here' }, { kind: 'not-handed-over', at: now })
    expect(linesOf(known, now + 10 * SECOND)[0]).toContain('Press the button')
  })

  it('orders here when the sale has no shop for it', () => {
    const model = after(inside(), { kind: 'no-shop' })
    expect(screenOf(model).kind).toBe('your-turn')
    expect(jobKinds(model)).toEqual(['follow-line', 'watch-catalogue', 'watch-stock', 'read-vouchers'])
  })

  it('gets a warning before the turn ends, and may request more time', () => {
    const extensions = { taken: 0, remaining: 2, seconds: 60 }
    const model = after(
      begin(),
      joined,
      ticket({ ...(admitted as { status: object }).status, extensions }),
      handedOver(),
    )
    expect(viewOf(model, now + 270 * SECOND).time).toEqual({ kind: 'warning', secondsLeft: 30, canAsk: true })
    expect(screenOf(model, now + 300 * SECOND).kind).toBe('admission-expired')
  })

  it('sees after the turn that the shop has the order', () => {
    const model = after(inside(), handedOver(), ticket({ state: 'finished' }), {
      kind: 'orders',
      orders: [],
      reader: undefined,
    })
    expect(screenOf(model)).toMatchObject({ kind: 'finished', atShop: true })
    expect(linesOf(model)[0]).toBe('If you bought something, the shop has your order.')
    expect(jobKinds(model)).not.toContain('hand-over')
  })

  it('is redirected in another turn, too', () => {
    const model = after(inside(), handedOver(), { kind: 'stay-here' }, ticket({ state: 'expired' }), { kind: 'rejoin' })
    const again = after(model, { ...joined, joined: { ...joined.joined, ticket: 't2' } }, admitted)
    expect(toShop(again)).toMatchObject({ url: undefined })
    expect(toShop(after(again, handedOver())).goesInSeconds).toBe(5)
  })
})

describe('a page that does not redirect by itself', () => {
  it.each<[string, Partial<Parameters<typeof shopOf>[0]>, boolean]>([
    ['is in a frame', { isFramed: true }, false],
    ['sent its buyer a moment ago', { sentAt: now - 29 * SECOND }, true],
    ['sent its buyer a moment ago, and its clock was set back', { sentAt: now + 10 * SECOND }, true],
  ])('%s', (_, arriving, sentBack) => {
    const model = after(inside(arriving), handedOver())
    expect(toShop(model)).toMatchObject({ goesInSeconds: null, url: URL, sentBack })
    expect(goJob(model)).toBeUndefined()
  })

  it('redirects again by itself when the buyer comes back later', () => {
    expect(toShop(after(inside({ sentAt: now - 31 * SECOND }), handedOver())).goesInSeconds).toBe(5)
  })

  it('remembers across a reload that it redirected its buyer, and in which turn', () => {
    const sent = after(inside(), handedOver(), { kind: 'sent', at: now + 5 * SECOND })
    const memory = memoryOf(sent)
    expect(memory.sentAt).toBe(now + 5 * SECOND)
    const reloaded = begin({ sentAt: memory.sentAt, now: now + 8 * SECOND }, memory, true)
    expect(toShop(reloaded, now + 8 * SECOND)).toMatchObject({ sentBack: true, goesInSeconds: null })
  })
})

describe('the form of the order core', () => {
  it('is what a buyer sees in a sale without a shop', () => {
    expect(screenOf(after(start, joined, admitted)).kind).toBe('your-turn')
    expect(screenOf(inside({ hasShop: false })).kind).toBe('your-turn')
    expect(jobKinds(inside({ hasShop: false }))).not.toContain('hand-over')
  })

  it('waits for the response where the page does not know whether there is a shop', () => {
    expect(screenOf(inside({ hasShop: undefined })).kind).toBe('to-shop')
    expect(screenOf(after(inside({ hasShop: undefined }), { kind: 'no-shop' })).kind).toBe('your-turn')
  })

  it('keeps its order when the sale gets a shop', () => {
    const model = after(inside(), { kind: 'no-shop' }, order({ status: 'confirmed' }))
    expect(screenOf(model).kind).toBe('confirmed')
    expect(screenOf(after(inside(), order({ status: 'confirmed' }))).kind).toBe('confirmed')
  })
})

it('a screen reader announces the destination once, also when the page is loaded into the turn', () => {
  const model = after(inside(), handedOver())
  const first = announcementOf(undefined, viewOf(model, now), english)
  expect(first.text).toMatch(/^It’s your turn\. You go to .*shop\.example:8443.* in 5 seconds\.$/)
  expect(announcementOf(first.said, viewOf(model, now + SECOND), english).text).toBeUndefined()
  const waiting = announcementOf(undefined, viewOf(after(begin(), joined), now), english)
  const asking = announcementOf(waiting.said, viewOf(inside(), now), english)
  expect(asking.text).toBeUndefined()
  expect(announcementOf(asking.said, viewOf(model, now), english).text).toContain('5 seconds')
})

it('a shop is at its stated address', () => {
  const shop: Shop = shopOf({ ...arrival, hasShop: false })
  expect(shop).toEqual({ way: 'none' })
})
