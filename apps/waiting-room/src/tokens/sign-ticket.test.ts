import { SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { createKeySet } from './create-key-file.ts'
import { parseKeySet } from './key-set.ts'
import { signTicket, ticketIssuer, ticketTimes } from './sign-ticket.ts'
import { createTickets } from './tickets.ts'

const now = Date.parse('2025-01-01T00:00:00Z')
const keys = await parseKeySet(JSON.stringify(await createKeySet(now)))
const WEEK_SECONDS = 7 * 24 * 3_600
const ticket = { sale: 'one', buyer: 'a-buyer', place: 12_345 }

it('produces the same bytes as jose', async () => {
  const { key, kid } = keys.ticketKey(now)
  const iat = now / 1_000
  const signed = await new SignJWT({ sale: ticket.sale, place: ticket.place })
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
    .setIssuer(ticketIssuer)
    .setSubject(ticket.buyer)
    .setIssuedAt(iat)
    .setExpirationTime(iat + WEEK_SECONDS)
    .sign(key)
  expect(signTicket(keys.ticketKey(now), ticket, ticketTimes(now, undefined))).toBe(signed)
})

it('a ticket counts at once on every process with the key, until its end', async () => {
  let time = now
  const tickets = createTickets(
    () => keys,
    () => time,
  )
  const { token } = tickets.sign(ticket)
  for (let look = 0; look < 2; look += 1) expect(tickets.verify(token)).toMatchObject(ticket)
  time += WEEK_SECONDS * 1_000
  expect(await tickets.verify(token)).toBeUndefined()
})

it('a ticket ends a day after the planned end of its sale, also of a sale whose end is past', async () => {
  const HOUR_MS = 3_600_000
  let time = now
  const tickets = createTickets(
    () => keys,
    () => time,
  )
  for (const closesInMs of [HOUR_MS, 30 * 24 * HOUR_MS, -HOUR_MS]) {
    time = now
    const lastsMs = Math.max(0, closesInMs) + 24 * HOUR_MS
    const { token, maxAgeSeconds } = tickets.sign(ticket, now + closesInMs)
    expect(maxAgeSeconds).toBe(lastsMs / 1_000)
    time = now + lastsMs - 1
    expect(await tickets.verify(token)).toMatchObject(ticket)
    time = now + lastsMs
    expect(await tickets.verify(token)).toBeUndefined()
  }
})

it('a ticket whose key was removed from the key file ends, also when it was verified before', async () => {
  const rotated = await parseKeySet(JSON.stringify(await createKeySet(now)))
  let current = keys
  const tickets = createTickets(
    () => current,
    () => now,
  )
  const { token } = tickets.sign(ticket)
  expect(await tickets.verify(token)).toMatchObject(ticket)
  // With another order of the header only jose verifies it.
  const { key, kid } = keys.ticketKey(now)
  const foreign = await new SignJWT({ sale: 'one', place: 7 })
    .setProtectedHeader({ typ: 'JWT', alg: 'HS256', kid })
    .setIssuer(ticketIssuer)
    .setSubject('b')
    .setExpirationTime(now / 1_000 + 60)
    .sign(key)
  expect(await tickets.verify(foreign)).toMatchObject({ place: 7 })
  current = rotated
  expect(await tickets.verify(token)).toBeUndefined()
  expect(await tickets.verify(foreign)).toBeUndefined()
})
