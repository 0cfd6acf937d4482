import { randomUUID } from 'node:crypto'
import { joinResponse, type SaleIdentity, ticketStatus } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expectHealthy, operator as headers, type Rooms } from './start-rooms.ts'
import { createSigningKey, ISSUER, startIssuer } from './test-issuer.ts'

const SETTINGS = { name: 'Members', admitPerSecond: 100, maxActive: 1_000, admissionTtlSeconds: 600 }

/** Buyers with accounts, at rooms whose sales take the ID tokens of one issuer. */
export async function createAccountBuyers(rooms: Rooms) {
  const key = await createSigningKey('one')
  const issuer = await startIssuer(key)
  await eventually(() => Promise.all(rooms.rooms.map(expectHealthy)))
  const bearer = (ticket: string) => ({ authorization: `Bearer ${ticket}` })

  async function openSale(mode: SaleIdentity['mode'] | null, settings: object = {}): Promise<string> {
    const sale = `id-${randomUUID().slice(0, 8)}`
    const body = { ...SETTINGS, identity: mode === null ? null : issuer.identity(mode), ...settings }
    const put = await rooms.request('PUT', `/admin/sales/${sale}`, { headers, body })
    if (put.status !== 201) throw new Error(await put.text())
    const opened = await rooms.request('POST', `/admin/sales/${sale}/open`, { headers })
    if (opened.status !== 200) throw new Error(await opened.text())
    return sale
  }
  function tryJoin(sale: string, idToken?: string, more: Record<string, string> = {}): Promise<Response> {
    const sent = { ...(idToken !== undefined && { 'floodgate-identity': idToken }), ...more }
    return rooms.request('POST', `/sales/${sale}/tickets`, { headers: sent })
  }
  async function join(sale: string, idToken?: string, more: Record<string, string> = {}) {
    const response = await tryJoin(sale, idToken, more)
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
    if (!response.ok) throw new Error(await response.text())
    const joined = joinResponse.parse(await response.json())
    return { ...joined, status: response.status, cookies, idToken }
  }
  const tryPoll = (sale: string, ticket: string) =>
    rooms.request('GET', `/sales/${sale}/ticket`, { headers: bearer(ticket) })
  async function poll(sale: string, ticket: string) {
    return ticketStatus.parse(await (await tryPoll(sale, ticket)).json())
  }
  function untilAdmitted(sale: string, ticket: string) {
    return eventually(async () => {
      const status = await poll(sale, ticket)
      if (status.state !== 'admitted') throw new Error(status.state)
      return status
    })
  }
  function revoke(what: { subject: string } | { jti: string }, more: object = {}): Promise<Response> {
    const until = new Date(Date.now() + 3_600_000).toISOString()
    return rooms.request('POST', '/admin/revocations', { headers, body: { issuer: ISSUER, until, ...what, ...more } })
  }

  return { key, issuer, bearer, openSale, tryJoin, join, tryPoll, poll, untilAdmitted, revoke }
}
export type AccountBuyers = Awaited<ReturnType<typeof createAccountBuyers>>

/** Returns the claims of an admission. */
export function claimsOf(admission: string): { readonly sub: string; readonly jti: string } {
  return JSON.parse(Buffer.from(admission.split('.')[1] ?? '', 'base64url').toString())
}
