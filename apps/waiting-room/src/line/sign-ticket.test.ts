import { SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { createKeySet } from '../admission/create-key-file.ts'
import { parseKeySet } from '../admission/key-set.ts'
import { signTicket, ticketIssuer, ticketTtlSeconds } from './sign-ticket.ts'
import { createTickets } from './tickets.ts'

const now = Date.parse('2025-01-01T00:00:00Z')
const keys = await parseKeySet(JSON.stringify(await createKeySet(now)))
const ticket = { sale: 'one', buyer: 'a-buyer', place: 12_345 }

it('gives the very bytes that jose gives', async () => {
  const { key, kid } = keys.ticketKey(now)
  const iat = now / 1_000
  const signed = await new SignJWT({ sale: ticket.sale, place: ticket.place })
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
    .setIssuer(ticketIssuer)
    .setSubject(ticket.buyer)
    .setIssuedAt(iat)
    .setExpirationTime(iat + ticketTtlSeconds)
    .sign(key)
  expect(signTicket(keys.ticketKey(now), ticket, iat)).toBe(signed)
})

it('a ticket counts at once on every process with the key, until its end', async () => {
  let time = now
  const tickets = createTickets(
    () => keys,
    () => time,
  )
  const token = tickets.sign(ticket)
  for (let look = 0; look < 2; look += 1) {
    expect(tickets.verify(token)).toMatchObject(ticket)
  }
  time += ticketTtlSeconds * 1_000
  expect(await tickets.verify(token)).toBeUndefined()
})
