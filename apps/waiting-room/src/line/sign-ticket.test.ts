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

it('a ticket is known at once to the process that signed it, to another one after it was verified, to none after its end', async () => {
  let time = now
  const [here, there] = [
    createTickets(
      () => keys,
      () => time,
    ),
    createTickets(
      () => keys,
      () => time,
    ),
  ]
  const token = here.sign(ticket)
  expect(here.known(token)).toMatchObject(ticket)
  expect(there.known(token)).toBeUndefined()
  expect(await there.verify(token)).toMatchObject(ticket)
  expect(there.known(token)).toMatchObject(ticket)
  expect(there.known(`${token}x`)).toBeUndefined()
  time += ticketTtlSeconds * 1_000
  for (const tickets of [here, there]) {
    expect(tickets.known(token)).toBeUndefined()
    expect(await tickets.verify(token)).toBeUndefined()
  }
})
