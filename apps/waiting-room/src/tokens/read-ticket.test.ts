import fc from 'fast-check'
import { CompactSign, jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createKeySet } from './create-key-file.ts'
import { parseKeySet } from './key-set.ts'
import { readTicket } from './read-ticket.ts'
import { signTicket, ticketIssuer, ticketTimes } from './sign-ticket.ts'

const now = Date.parse('2025-01-01T00:00:00Z')
const keys = await parseKeySet(JSON.stringify(await createKeySet(now)))
const others = await parseKeySet(JSON.stringify(await createKeySet(now)))
const key = keys.ticketKey(now)
const ticket = { sale: 'one', buyer: 'a-buyer', place: 7 }
const token = signTicket(key, ticket, ticketTimes(now, undefined))
const [header = '', payload = '', signature = ''] = token.split('.')
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const ourHeader = { alg: 'HS256', kid: key.kid, typ: 'JWT' } as const
const ourClaims = { sale: 'one', place: 7, iss: ticketIssuer, sub: 'a-buyer', iat: 1, exp: 2_000_000_000 }
const signed = (claims: object) =>
  new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(ourHeader).sign(key.key)

it('a signed ticket is read by every process with the key', () => {
  expect(readTicket(keys, token)).toMatchObject({ ticket, key })
  expect(readTicket(others, token)).toBeUndefined()
})

describe('nothing else is a ticket', () => {
  it.each([
    ['nothing', ''],
    ['no signature', `${header}.${payload}.`],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${token}.x`],
    ['no algorithm', `${encode({ ...ourHeader, alg: 'none' })}.${payload}.${signature}`],
    ['another algorithm', `${encode({ ...ourHeader, alg: 'HS512' })}.${payload}.${signature}`],
    ['an unknown key', `${encode({ ...ourHeader, kid: 'x' })}.${payload}.${signature}`],
    ['an invalid header', `x.${payload}.${signature}`],
    ['another payload', `${header}.${encode(ourClaims)}.${signature}`],
    ['a signature with padding', `${token}=`],
  ])('%s', (_, changed) => {
    expect(readTicket(keys, changed)).toBeUndefined()
  })

  it('a genuine signature over other claims, or under a header in another order', async () => {
    expect(readTicket(keys, await signed(ourClaims))).toMatchObject({ ticket })
    for (const wrong of [{ iss: 'another' }, { place: 0 }, { place: '7' }, { sub: undefined }, { exp: 'soon' }])
      expect(readTicket(keys, await signed({ ...ourClaims, ...wrong }))).toBeUndefined()
    const reordered = new SignJWT(ourClaims).setProtectedHeader({ typ: 'JWT', alg: 'HS256', kid: key.kid })
    expect(readTicket(keys, await reordered.sign(key.key))).toBeUndefined()
  })

  it('a token with any of its characters changed', async () => {
    const position = fc.integer({ min: 0, max: token.length - 1 })
    await fc.assert(
      fc.asyncProperty(position, fc.string({ maxLength: 2 }), async (at, inserted) => {
        const changed = `${token.slice(0, at)}${inserted}${token.slice(at + 1)}`
        if (readTicket(keys, changed) === undefined) return
        const { payload: read } = await jwtVerify(changed, key.key, {
          algorithms: ['HS256'],
          currentDate: new Date(now),
        })
        expect(read).toMatchObject({ sale: ticket.sale, sub: ticket.buyer, place: ticket.place })
        expect(changed).toBe(token)
      }),
      { numRuns: 500 },
    )
  })
})
