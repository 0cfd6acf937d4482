import { expect, it } from 'vitest'
import { createBuyerCookie } from './buyer-cookie.ts'
import { createKeySet } from './create-key-file.ts'
import { createIdentify } from './identify.ts'
import { parseKeySet } from './key-set.ts'
import { createTicketCookie } from './ticket-cookie.ts'
import { createTickets } from './tickets.ts'

const PUBLIC_URL = 'https://shop.example'
const HEADERS_MAX_BYTES = 32_768

const start = async () => {
  const keys = await parseKeySet(JSON.stringify(await createKeySet(Date.now() - 1_000)))
  const tickets = createTickets(() => keys)
  const cookie = createBuyerCookie({ keys: () => keys, publicUrl: PUBLIC_URL })
  const accountCookie = createBuyerCookie({ keys: () => keys, publicUrl: PUBLIC_URL, owner: 'account' })
  const ticketCookie = createTicketCookie({ publicUrl: PUBLIC_URL })
  const pair = (setCookie: string) => setCookie.split(';')[0] ?? ''
  return {
    identify: createIdentify({ tickets, cookie, accountCookie, ticketCookie }),
    buyerCookie: (buyer: string) => pair(cookie.write(buyer)),
    accountCookie: (buyer: string) => pair(accountCookie.write(buyer)),
    ticketOf: (buyer: string, sale = 'one', place = 7, more: { idToken?: string } = {}) =>
      pair(ticketCookie.write(sale, tickets.sign({ sale, buyer, place, ...more }))),
    newBuyer: cookie.newBuyer,
  }
}
const forged = (cookie: string, index: number) => `${cookie.slice(0, -4)}${String(index).padStart(4, '0')}`

it('as many planted tickets as a header section holds do not hide the right one', async () => {
  const { identify, ticketOf, newBuyer } = await start()
  const own = newBuyer()
  const right = ticketOf(own)
  const count = Math.floor(HEADERS_MAX_BYTES / (right.length + 2)) - 1
  const planted = Array.from({ length: count }, (_, index) => forged(right, index))
  expect(identify.byCookies('one', [...planted, right].join('; '))).toEqual({
    kind: 'buyer',
    holder: expect.objectContaining({ sale: 'one', buyer: own, place: 7 }),
    hasBuyerCookie: false,
  })
})

it("planted genuine tickets of other buyers and sales are ignored beside the buyer's cookie", async () => {
  const { identify, ticketOf, buyerCookie, newBuyer } = await start()
  const own = newBuyer()
  const planted = Array.from({ length: 30 }, (_, at) => ticketOf(newBuyer(), at % 2 === 0 ? 'one' : 'two', at + 10))
  const header = (cookies: readonly string[]) => [...cookies, buyerCookie(own)].join('; ')
  expect(identify.byCookies('one', header([...planted, ticketOf(own)]))).toMatchObject({
    holder: { buyer: own, place: 7 },
  })
  expect(identify.byCookies('one', header(planted))).toMatchObject({ holder: { buyer: own, place: 0 } })
})

it("planted tickets of anonymous buyers are ignored beside an account's cookie", async () => {
  const { identify, ticketOf, accountCookie, newBuyer } = await start()
  const account = newBuyer()
  const own = ticketOf(account, 'one', 7, { idToken: '' })
  const planted = ticketOf(newBuyer(), 'one', 1)
  for (const cookies of [
    [planted, own, accountCookie(account)],
    [own, planted, accountCookie(account)],
  ])
    expect(identify.byCookies('one', cookies.join('; '))).toMatchObject({ holder: { buyer: account, place: 7 } })
  expect(identify.byCookies('one', [planted, accountCookie(account)].join('; '))).toEqual({ kind: 'forged' })
  expect(identify.byCookies('one', planted)).toMatchObject({ holder: { place: 1 } })
})
