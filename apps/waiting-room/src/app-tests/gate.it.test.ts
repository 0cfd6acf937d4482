import { createGate, gateRequest } from '@floodgate/admission'
import { diagnosisToken, handover } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bearer, createShopBuyers, SHOP, slotOf } from '../testing/shop-buyers.ts'
import { expectHealthy, operator, type Rooms, startRooms } from '../testing/start-rooms.ts'

const CHECKOUT = '/checkout?a=%2f&b'
const NAVIGATION = { 'sec-fetch-mode': 'navigate', cookie: 'theme=dark' }

let rooms: Rooms
beforeAll(async () => {
  rooms = await startRooms(1)
  await eventually(() => Promise.all(rooms.rooms.map(expectHealthy)))
})
afterAll(() => rooms.remove())

const { openSale, admit, poll } = createShopBuyers(() => rooms)

/** One process of a shop behind the line of this sale. */
function openShop(sale: string) {
  const gate = createGate({ queueUrl: rooms.rooms[0]?.url() ?? '', sale, origin: SHOP, revocations: true })
  return {
    gate,
    visit: (target: string, headers: Readonly<Record<string, string>> = NAVIGATION) =>
      gate.check(gateRequest({ method: 'GET', target, secure: true, header: (name) => headers[name] })),
  }
}

type Visit = Awaited<ReturnType<ReturnType<typeof openShop>['visit']>>

function headerOf({ response }: Visit, name: string): string {
  return new Map(response?.headers).get(name) ?? ''
}

/** Takes a buyer from the shop through the line and back to the shop. */
async function walkIn(sale: string) {
  const shop = openShop(sale)
  const lineUrl = new URL(headerOf(await shop.visit(CHECKOUT), 'location'))
  const { ticket, status } = await admit(sale)
  const body = { return: lineUrl.searchParams.get('return') }
  const response = await rooms.request('POST', `/sales/${sale}/handover`, { headers: bearer(ticket), body })
  const { url } = handover.parse(await response.json())
  const back = await shop.visit(url.slice(SHOP.length))
  const [cookie = ''] = headerOf(back, 'set-cookie').split(';')
  const inside = await shop.visit(CHECKOUT, { ...NAVIGATION, cookie })
  return { ...shop, ticket, slot: slotOf(status.admission), back, cookie, inside }
}

it('the line leads back to the same URL, and the gate accepts its pass', async () => {
  const sale = await openSale('gate-back')
  const { back, inside, slot } = await walkIn(sale)
  expect(headerOf(back, 'location')).toBe(CHECKOUT)
  expect(inside.decision.kind).toBe('admitted')
  expect(inside.pass?.slot).toBe(slot)
})

it('the gate extends a turn as often as the sale allows', async () => {
  const sale = await openSale('gate-extends')
  const { gate, inside } = await walkIn(sale)
  if (inside.pass === undefined) throw new Error('no pass')
  expect(await gate.extend(inside.pass, 1)).toMatchObject({ kind: 'extended' })
  expect(await gate.extend(inside.pass, 9)).toEqual({ kind: 'rejected', code: 'extensions-used' })
})

it('a turn that the gate finished is over in the line and in every process of the shop', async () => {
  const sale = await openSale('gate-finishes')
  const { gate, inside, cookie, ticket } = await walkIn(sale)
  if (inside.pass === undefined) throw new Error('no pass')
  const another = openShop(sale)
  for (const time of ['once', 'twice']) expect((await gate.finish(inside.pass)).kind, time).toBe('finished')
  await eventually(async () => {
    const { decision } = await another.visit(CHECKOUT, { ...NAVIGATION, cookie })
    expect(decision).toEqual({ kind: 'to-line', reason: 'revoked' })
  })
  expect((await poll(sale, ticket)).state).toBe('finished')
})

it("the operator's diagnosis token makes the gate explain its decision", async () => {
  const sale = await openSale('gate-explains')
  const response = await rooms.request('POST', '/admin/diagnosis-tokens', { headers: operator, body: { sale } })
  const { token } = diagnosisToken.parse(await response.json())
  const { decision } = await openShop(sale).visit(CHECKOUT, { ...NAVIGATION, 'floodgate-diagnosis': token })
  expect(decision.kind).toBe('diagnosis')
})
